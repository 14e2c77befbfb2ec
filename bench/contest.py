"""Engines that do the same jobs in turn, each run between two floors."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from time import perf_counter
from typing import Protocol

from bench.figures import Figure
from bench.fleet import Fleet
from bench.floor import References, Trial, floor_s
from bench.lines import LineProcess
from bench.peers import Peer
from bench.spin import Mix, digest, expected_digest
from bench.stage import Plan, Stage
from tasks.jobs import JobRequest

OURS = "Dynometer"
QUICK_PART = 10  # of the items of engines that can't take many


class Engine(Protocol):
    """Something that does a whole job and returns the values in order."""

    title: str
    most_items: int | None

    def taken_s(self, mix: Mix, items: int, expected: str) -> float:
        """Seconds until the values were there.  Raises RuntimeError when they are not the expected ones."""
        ...


class Ours:
    """The fleet, and its client in this process."""

    title = OURS
    most_items: int | None = None

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    def taken_s(self, mix: Mix, items: int, expected: str) -> float:
        request = JobRequest("spin", items=items, parameters=asdict(mix))
        start = perf_counter()
        values = self.fleet.run(request)
        taken_s = perf_counter() - start
        check(self.title, digest(values), expected)
        return taken_s


class PeerEngine:
    """A peer, and its client in a process of its own."""

    def __init__(self, peer: Peer, client: LineProcess) -> None:
        self.title, self.most_items = peer.title, peer.most_items
        self.client = client

    def taken_s(self, mix: Mix, items: int, expected: str) -> float:
        answer = self.client.ask({"mix": asdict(mix), "items": items})
        check(self.title, answer["digest"], expected)
        return float(answer["taken_s"])


def check(title: str, got: str, expected: str) -> None:
    if got != expected:
        raise RuntimeError(f"{title}: the values are not the right ones in the right order")


@dataclass(frozen=True)
class Race:
    """One job, done by each engine in each round."""

    trials: dict[str, list[Trial]]
    notes: tuple[str, ...]

    def efficiency(self, title: str) -> Figure:
        return Figure(tuple(trial.efficiency for trial in self.trials[title]))

    def peers(self) -> dict[str, Figure]:
        """Efficiency of each peer."""
        return {title: self.efficiency(title) for title in self.trials if title != OURS}

    def lead(self, title: str) -> Figure:
        """How many times a peer's efficiency ours is, round by round."""
        pairs = zip(self.trials[OURS], self.trials[title], strict=True)
        return Figure(tuple(ours.efficiency / theirs.efficiency for ours, theirs in pairs))


class Contest:
    """Engines ready to run."""

    def __init__(self, plan: Plan, engines: Sequence[Engine], missing: Sequence[str]) -> None:
        self.plan = plan
        self.engines = engines
        self._missing = list(missing)  # sentences on peers that can't take part, said once

    def race(self, mix: Mix, items: int, *, packed: Sequence[int] = ()) -> Race:
        """The same job by each engine in each round.

        `packed` is the order in which the floor's two children share the steps best; by default as they come.
        """
        steps = mix.all_of(items)
        references = References(partial(floor_s, packed or steps), self.plan.tries)
        trials: dict[str, list[Trial]] = {engine.title: [] for engine in self.engines}
        for turn in range(self.plan.rounds):
            first = turn % len(self.engines)  # each round begins with another one
            for engine in (*self.engines[first:], *self.engines[:first]):
                count = self._most(engine, items)
                expected = expected_digest(steps[:count])
                run = partial(engine.taken_s, mix, count, expected)
                trials[engine.title].append(references.beside(run, share=sum(steps[:count]) / sum(steps)))
        return Race(trials, tuple(self._notes(items, trials)))

    def _most(self, engine: Engine, items: int) -> int:
        if engine.most_items is None:
            return items
        return min(items, engine.most_items // QUICK_PART if self.plan.is_quick else engine.most_items)

    def _notes(self, items: int, trials: dict[str, list[Trial]]) -> Iterator[str]:
        while self._missing:
            yield self._missing.pop(0)
        for engine in self.engines:
            if (most := self._most(engine, items)) < items:
                yield f"{engine.title}: {most:,} of {items:,} items, against the floor of as many"
        yield from unsteady_notes(trials)


def unsteady_notes(trials: dict[str, list[Trial]]) -> Iterator[str]:
    """Rounds in which the machine changed its speed each time they were tried."""
    for title, runs in trials.items():
        if unsteady := sum(not trial.is_steady for trial in runs):
            yield f"{title}: {unsteady} of {len(runs)} rounds lie between floors over 15 % apart"


@contextmanager
def contest(stage: Stage, plan: Plan, peers: Sequence[Peer]) -> Iterator[Contest]:
    """The fleet and those of `peers` that are installed, started and warm."""
    with ExitStack() as stack:
        ours = Ours(stage.fleet)
        ours.fleet.run(JobRequest("spin", items=64))
        clients = {peer: start_peer(stack, stage, peer) for peer in peers}
        engines: list[Engine] = [ours]
        missing = []
        for peer, client in clients.items():
            answer = client.receive()
            if "missing" in answer:
                missing.append(f"{peer.title}: {answer['missing']} is not installed")
            else:
                engines.append(PeerEngine(peer, client))
        yield Contest(plan, engines, missing)


def start_peer(stack: ExitStack, stage: Stage, peer: Peer) -> LineProcess:
    """A peer's client, starting; the services are its own to use, in a database and queues of its own."""
    services = (stage.rabbitmq.url, stage.postgres.new_database())
    client = LineProcess(stage.folder / f"{peer.key}.log", "bench.peers", peer.key, *services)
    stack.callback(client.close)
    return client
