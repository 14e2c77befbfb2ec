"""Random faults against a working fleet, for minutes: `python -m tests.faults.chaos full --seconds 1200 --seed 7`.

Too long for each change, meant for each release.  A seeded scheduler breaks processes, broker and database while jobs
come in; then all is left alone, and every job's results are compared, item for item, with what a loop computes.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psycopg2

from store import results
from tests.databases import Databases
from tests.engine.fleet import Fleet, WorkerNode
from tests.engine.plugin.hostile import value_of
from tests.services import Broker, Postgres, RabbitMQ, Valkey

CALM_S = 600.0  # for what was admitted to end, once nothing breaks any more
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dynometer'"


@dataclass
class Chaos:
    """What breaks, when, and what was promised meanwhile."""

    fleet: Fleet
    broker: Broker
    postgres: Postgres | None
    rng: random.Random
    began: float = field(default_factory=monotonic)
    promised: dict[int, int] = field(default_factory=dict)  # job -> its items
    asleep: list[tuple[float, WorkerNode]] = field(default_factory=list)  # until when, who

    def run(self, seconds: float) -> None:
        """Break things for `seconds`, then let the fleet recover and check what it kept."""
        self.fleet.heal()
        faults = [self.kill_a_child, self.kill_a_child, self.kill_a_main, self.kill_a_node, self.ask_to_leave,
                  self.stop_a_node, self.break_the_broker, self.break_the_database]  # fmt: skip
        while monotonic() < self.began + seconds:
            if self.rng.random() < 0.35:
                self.admit()
            self.rng.choice(faults)()
            self.wake_and_replace()
            sleep(self.rng.uniform(0.2, 2.5))
        self.say("calm")
        for _, node in self.asleep:
            node.send_all(signal.SIGCONT) if node.is_running() else None
        self.fleet.heal()
        for job_id, items in self.promised.items():
            self.check(job_id, items)
        self.say(f"{len(self.promised)} jobs, each item once")

    def say(self, what: str) -> None:
        sys.stdout.write(f"{monotonic() - self.began:7.1f} s  {what}\n")
        sys.stdout.flush()

    def admit(self) -> None:
        choose, items = self.rng.choice, self.rng.choice([1, 7, 60, 200, 400])
        with suppress(Exception):  # the database may be away: then nothing was promised
            job_id = self.fleet.start_job(
                items, chunk_items=choose([None, 1, 5]), workload=choose(["hostile", "hostile-sum"]),
                owner=choose([0, 1]), max_workers=choose([None, None, 1, 3]), seconds=choose([0.002, 0.02, 0.1]),
            )  # fmt: skip
            self.promised[job_id] = items
            self.say(f"job {job_id} of {items} items")

    def node(self) -> WorkerNode:
        return self.rng.choice(self.fleet.nodes)

    def kill_a_child(self) -> None:
        node = self.node()
        if node.is_running() and (children := node.pids()[1:]):
            victim = self.rng.choice(children)
            self.say(f"kill process {victim} of {node.name}")
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)

    def kill_a_main(self) -> None:
        node = self.node()
        self.say(f"kill the main process of {node.name}")
        node.send(signal.SIGKILL)

    def kill_a_node(self) -> None:
        node = self.node()
        self.say(f"kill {node.name}")
        node.kill()

    def ask_to_leave(self) -> None:
        node, whom = self.node(), self.rng.choice(["its main process", "all its processes"])
        self.say(f"ask {node.name} to leave: {whom}")
        if node.is_running():
            (node.send if whom == "its main process" else node.send_all)(signal.SIGTERM)

    def stop_a_node(self) -> None:
        node = self.node()
        if node.is_running():
            self.say(f"stop {node.name}")
            node.send_all(signal.SIGSTOP)
            self.asleep.append((monotonic() + self.rng.uniform(0.5, 7), node))

    def break_the_broker(self) -> None:
        how: Callable[[], None] = self.rng.choice([self.broker.kill, self.broker.wipe, self.broker.stop])
        self.say(f"{how.__name__} the broker")
        how()
        sleep(self.rng.uniform(0, 3))
        self.broker.start()

    def break_the_database(self) -> None:
        if self.postgres is None or self.postgres.process is None:
            return
        how = self.rng.choice([signal.SIGINT, signal.SIGQUIT, None])  # fast, immediate, connections only
        self.say(f"{how.name if how else 'cut connections'} on the database")
        if how is None:
            with suppress(psycopg2.Error):
                self.postgres.execute(CUT)
            return
        self.postgres.process.send_signal(how)
        self.postgres.process.wait()
        sleep(self.rng.uniform(0, 6))
        self.postgres.start()

    def wake_and_replace(self) -> None:
        for until, node in [entry for entry in self.asleep if entry[0] < monotonic()]:
            self.asleep.remove((until, node))
            if node.is_running():
                node.send_all(signal.SIGCONT)
        for node in [node for node in self.fleet.nodes if not node.is_running()]:
            self.fleet.nodes.remove(node)
            self.fleet.launch(self.rng.choice([node.name, ""]))  # some return under their name

    def check(self, job_id: int, items: int) -> None:
        """Every item once and right; those of chunks whose process was killed three times may be given up."""
        job = self.fleet.ended(job_id, within_s=CALM_S)
        given_up = [found.item for found in results.item_results(self.fleet.database, job_id) if not found.ok]
        self.fleet.assert_exact(job_id, items, failed=given_up)
        if job.workload == "hostile-sum" and not given_up:
            assert job.value == sum(map(value_of, range(items)))
        attempts = max(chunk.attempt for chunk in self.fleet.chunks(job_id))
        self.say(f"job {job_id}: {job.state}, {len(given_up)} given up, at most {attempts} attempts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack", choices=["embedded", "full"])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dyno-chaos-"))
    with ExitStack() as stack:
        postgres = Postgres() if asked.stack == "full" else None
        broker = RabbitMQ() if asked.stack == "full" else Valkey()
        for service in (postgres, broker):
            if service is not None:
                stack.callback(service.remove)
                service.start()
        databases = Databases(folder)
        fleet = Fleet(databases.postgresql(postgres) if postgres else databases.sqlite(), broker, folder / "fleet")
        stack.callback(fleet.stop)
        Chaos(fleet, broker, postgres, random.Random(asked.seed)).run(asked.seconds)


if __name__ == "__main__":
    main()
