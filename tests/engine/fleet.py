"""A fleet for tests: real Celery worker nodes on a real database and a real broker, with short times.

Times are short enough to wait for and long enough for a machine that others use; no test measures one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from settings import Settings, child_environment
from store import jobs, nodes, results
from store.account_models import User
from store.database import Database
from store.models import Chunk, ChunkState, Job, JobState, Node, NodeState
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.jobs import cancel
from tests.engine.plugin.hostile import value_of
from tests.services import Broker, until

ROOT = Path(__file__).parents[2]
PLUGIN = Path(__file__).with_name("plugin")
SLOTS = 2
WITHIN_S = 60.0  # an end for what must happen, not a measure
TIMES = {
    "HEARTBEAT_S": "1", "LEASE_S": "4", "LOST_AFTER_S": "3.5", "RING_AGAIN_S": "1", "SHIFT_S": "1.5",
    "CHUNK_TARGET_S": "0.25", "ITEM_TIME_LIMIT_S": "30",
}  # fmt: skip


@dataclass
class WorkerNode:
    """One worker node: Celery's main process, its steward and its worker processes, in one process group."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def is_running(self) -> bool:
        return self.process.poll() is None

    def pids(self) -> list[int]:
        """Every process of the node, the main one first."""
        main = psutil.Process(self.process.pid)
        return [main.pid, *(child.pid for child in main.children(recursive=True))]

    def send(self, number: signal.Signals) -> None:
        """To the main process alone, as a supervisor does."""
        self.process.send_signal(number)

    def send_all(self, number: signal.Signals) -> None:
        """To every process at once, as platforms do."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """The whole node is gone, without a word."""
        if self.is_running():
            self.send_all(signal.SIGKILL)
        self.process.wait()

    def ended(self, within_s: float = WITHIN_S) -> int:
        """The exit code, once it has ended."""
        until(lambda: not self.is_running(), f"{self.name} ends", within_s=within_s)
        return self.process.wait()

    def last_words(self) -> str:
        """The end of its log, and its processes."""
        pids = self.pids() if self.is_running() else "ended"
        return f"{self.name} ({pids}):\n{self.log.read_text(errors='replace')[-4000:]}"

    def has_said(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")


@dataclass
class Fleet:
    """Worker nodes on one database and one broker, and the client's side of them."""

    database_url: str
    broker: Broker
    folder: Path
    times: dict[str, str] = field(default_factory=dict)
    broker_url: str = ""
    nodes: list[WorkerNode] = field(default_factory=list)
    names: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        install(self.folder)
        self.environment = child_environment(
            DATABASE_URL=self.database_url, BROKER_URL=self.broker_url or self.broker.url, REMAP_SIGTERM="SIGQUIT",
            DYNOMETER_QUEUE=self.folder.name,  # other tests use the same broker

            DYNOMETER_DATA_DIR=str(self.folder), PYTHONPATH=f"{self.folder}:{PLUGIN}:{ROOT}", PYTHONWARNINGS="ignore",
            **{f"DYNOMETER_{name}": text for name, text in (TIMES | self.times).items()},
        )  # fmt: skip
        self.settings = Settings.from_env(self.environment)
        self.database = Database(self.settings.database_url)
        self.doorbell = Doorbell(self.settings)
        self.owners = [self.owner("one@localhost"), self.owner("two@localhost")]

    def owner(self, email: str) -> int:
        with self.database.writing() as session:
            user = User(email=email, active=True, fs_uniquifier=email)
            session.add(user)
            session.flush()
            return user.id

    def launch(self, name: str = "", options: Sequence[str] = (), **environment: str) -> WorkerNode:
        """Start a node and do not wait for it."""
        name = name or f"w{next(self.names)}"
        command = [sys.executable, "-m", "celery", "--app", "tasks.worker", "worker", "--pool", "prefork",
                   "--concurrency", str(SLOTS), "--without-mingle", "--without-gossip", "--loglevel", "WARNING",
                   *options]  # fmt: skip
        path = self.folder / f"{name}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                command, env={**self.environment, "DYNOMETER_NODE_NAME": name, **environment}, cwd=ROOT, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        node = WorkerNode(name, process, path)
        self.nodes.append(node)
        return node

    def add(self, options: Sequence[str] = (), **environment: str) -> WorkerNode:
        """Start a node and wait until it takes work."""
        node = self.launch(options=options, **environment)
        self.await_ready([node])
        return node

    def heal(self, wanted: int = 2) -> None:
        """Make what an earlier test has broken whole again: so many nodes, idle, and a broker."""
        self.broker.start()
        for node in [node for node in self.nodes if not node.is_running()]:
            self.nodes.remove(node)
        while len(self.nodes) > wanted:
            self.nodes.pop().kill()
        while len(self.nodes) < wanted:
            self.launch()
        self.await_ready(self.nodes)

    def await_ready(self, wanted: Collection[WorkerNode]) -> None:
        for node in wanted:
            until(partial(self.is_ready, node), f"{node.name} takes work", within_s=WITHIN_S)

    def is_ready(self, node: WorkerNode) -> bool:
        assert node.is_running(), node.log.read_text(errors="replace")[-3000:]
        row = self.row(node)
        return row is not None and row.pid == node.process.pid and row.state in (NodeState.IDLE, NodeState.BUSY)

    def row(self, node: WorkerNode) -> Node | None:
        with self.database.reading() as session:
            return nodes.node_named(session, node.name)

    def state_of(self, node: WorkerNode) -> NodeState | None:
        row = self.row(node)
        return row.state if row else None

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        self.database.engine.dispose()

    def start_job(
        self, items: int, *, chunk_items: int | None = 1, owner: int = 0, max_workers: int | None = None,
        workload: str = "hostile", rings: bool = True, **parameters: object,
    ) -> int:  # fmt: skip
        """Hand a job over; its id."""
        defaults = {"seconds": 0.0, "folder": "", "odd_item": -1, "deed": "none"}
        with self.database.writing() as session:
            job = Job(owner_id=self.owners[owner], workload=workload, variant="python", items_total=items,
                      parameters=defaults | parameters, chunk_items=chunk_items, max_workers=max_workers)  # fmt: skip
            session.add(job)
            session.flush()
            job_id = job.id
        if rings:
            advance(self.database, self.doorbell, job_id)
        return job_id

    def job(self, job_id: int) -> Job:
        with self.database.reading() as session:
            job = jobs.job_of(session, job_id)
        assert job is not None
        return job

    def ended(self, job_id: int, within_s: float = WITHIN_S) -> Job:
        """The job once it has its verdict."""
        try:
            until(lambda: self.job(job_id).state.is_final, f"job {job_id} ends", within_s=within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.situation(job_id)}") from None
        return self.job(job_id)

    def situation(self, job_id: int) -> str:
        """What the database and the nodes' logs say, for whoever has to find out why a job does not end."""
        held = [chunk for chunk in self.chunks(job_id) if chunk.state in (ChunkState.READY, ChunkState.RUNNING)]
        lines = [f"chunk {c.first_item}: {c.state}, attempt {c.attempt}, node {c.node_id}, process {c.slot_pid}, "
                 f"lease until {c.lease_until}" for c in held]  # fmt: skip
        with self.database.reading() as session:
            lines += [f"node {n.id} {n.name}: {n.state}, process {n.pid}, seen at {n.seen_at}"
                      for n in session.scalars(select(Node))]  # fmt: skip
        return "\n".join([*lines, *(node.last_words() for node in self.nodes)])

    def chunks(self, job_id: int, state: ChunkState | None = None) -> Sequence[Chunk]:
        """The job's chunks in item order."""
        asked = select(Chunk).where(Chunk.job_id == job_id).order_by(Chunk.first_item)
        with self.database.reading() as session:
            return session.scalars(asked if state is None else asked.where(Chunk.state == state)).all()

    def running(self, job_id: int, node: WorkerNode | None = None) -> Sequence[Chunk]:
        """The job's chunks that are being computed, anywhere or on one node."""
        row = self.row(node) if node else None
        return [chunk for chunk in self.chunks(job_id, ChunkState.RUNNING) if row is None or chunk.node_id == row.id]

    def computing(self) -> Sequence[Chunk]:
        """Cancelled chunks that some process still computes."""
        asked = select(Chunk).where(Chunk.state == ChunkState.CANCELLED, Chunk.slot_pid.is_not(None))
        with self.database.reading() as session:
            return session.scalars(asked).all()

    def await_running(self, job_id: int, node: WorkerNode | None = None, at_least: int = 1) -> Sequence[Chunk]:
        """Wait until so many chunks are being computed, and return them."""
        until(lambda: len(self.running(job_id, node)) >= at_least, f"{at_least} chunks run", within_s=WITHIN_S)
        return self.running(job_id, node)

    def cancel_all(self) -> None:
        with self.database.reading() as session:
            open_ids = session.scalars(select(Job.id).where(Job.state.in_(jobs.OPEN))).all()
        for job_id in open_ids:
            cancel(self.database, job_id)

    def assert_exact(self, job_id: int, items: int, failed: Collection[int] = ()) -> None:
        """Every item once, equal to what a loop computes; only `failed` ones have a sentence in place of a value."""
        found = list(results.item_results(self.database, job_id))
        assert [result.item for result in found] == list(range(items))
        assert [result.item for result in found if not result.ok] == sorted(failed)
        assert [result.item for result in found if result.ok and result.value != value_of(result.item)] == []
        with self.database.reading() as session:
            done = jobs.totals(session, job_id)
        assert (done.items_done, done.items_failed) == (items, len(failed))
        ended = [chunk for chunk in self.chunks(job_id) if chunk.state in (ChunkState.DONE, ChunkState.DEAD)]
        assert len(ended) == len(self.chunks(job_id)) == done.chunks_done

    def assert_succeeded(self, job_id: int, items: int) -> None:
        """The job ends well, item for item."""
        job = self.ended(job_id)
        assert (job.state, job.failure) == (JobState.SUCCEEDED, None)
        self.assert_exact(job_id, items)


def install(folder: Path) -> None:
    """Put the hostile workloads' metadata there, as an installer does."""
    metadata = folder / "hostile-1.0.dist-info"
    if metadata.exists():
        return
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    points = "plain = hostile:PLAIN\nsummed = hostile:SUMMED\nbroken = hostile:BROKEN\n"
    (metadata / "entry_points.txt").write_text(f"[dynometer.workloads]\n{points}")
