"""Empty chunks a second, each claimed, computed and recorded exactly once, by eight connections."""

from collections.abc import Iterator
from contextlib import ExitStack
from time import perf_counter

from sqlalchemy import func, select, text

from bench.figures import Figure, Goal, Row
from bench.fleet import ROOT, new_owner
from bench.lines import LineProcess
from bench.spin import Mix, spun
from bench.stage import Plan, Stage
from settings import Settings
from store import jobs, nodes, results
from store.database import Database
from store.migrate import upgrade
from store.models import ChunkResult, JobState, NodeState
from tasks.jobs import JobRequest, admit

WRITERS = 8
CHUNKS, QUICK_CHUNKS = 10_000, 400
GOAL = Goal(">=", 1500)
ONE_COUNTER, BARE = "one counter row for all", "bare INSERT and commit"


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """Ours; the same with one counter row for all; and what PostgreSQL does when nothing but a row is kept."""
    chunks = QUICK_CHUNKS if plan.is_quick else CHUNKS
    found: dict[str, list[float]] = {"": [], ONE_COUNTER: [], BARE: []}
    with ExitStack() as stack:
        office = Office(stack, stage)
        for _ in range(plan.rounds):
            found[""].append(office.rate(chunks, counters=WRITERS))
            found[ONE_COUNTER].append(office.rate(chunks, counters=1))
            found[BARE].append(office.bare_rate(chunks))
    peers = {name: Figure(tuple(rates)) for name, rates in found.items() if name}
    yield Row("durable empty chunks, exactly once, 8 connections", Figure(tuple(found[""])), GOAL, "/s", peers,
              is_full=not plan.is_quick)  # fmt: skip


class Office:
    """A database without worker nodes, and eight processes that work on it directly."""

    def __init__(self, stack: ExitStack, stage: Stage) -> None:
        url = stage.postgres.new_database()
        upgrade(url)
        self.database = Database(url, pool_size=1)
        stack.callback(self.database.engine.dispose)
        self.settings = Settings(database_url=url)
        self.owner_id = new_owner(self.database, "chunks")
        node_id = self._prepare()
        self.writers = LineProcess(
            stage.folder / "writers.log", "bench.chunk_writer", url, str(node_id), str(WRITERS),
            PYTHONPATH=f"{stage.fleet.folder}:{ROOT}",  # where the workload is installed
        )  # fmt: skip
        stack.callback(self.writers.close)
        self.rate(10 * WRITERS, counters=WRITERS)  # warms every statement

    def rate(self, chunks: int, *, counters: int) -> float:
        """Chunks per second of a job of that many."""
        request = JobRequest("spin", items=chunks, parameters={"steps": 0}, chunk_items=1)
        with self.database.writing() as session:
            job_id = admit(session, self.owner_id, request, self.settings).job.id
        start = perf_counter()
        recorded = self.writers.ask({"job": job_id, "counters": counters})["done"]
        taken_s = perf_counter() - start
        self._require_exactly_once(job_id, chunks, recorded)
        return chunks / taken_s

    def bare_rate(self, commits: int) -> float:
        """Commits per second of one small row each."""
        start = perf_counter()
        done: int = self.writers.ask({"bare": commits // WRITERS})["done"]
        return done / (perf_counter() - start)

    def _prepare(self) -> int:
        """The id of the node that the eight say they are.  Raises RuntimeError when a commit may be lost."""
        with self.database.writing() as session:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if session.scalar(text("SELECT current_setting(:name)"), {"name": setting}) != "on":
                    raise RuntimeError(f"PostgreSQL's {setting} is off: a rate without it means nothing")
            session.execute(text("CREATE TABLE bare (id bigserial PRIMARY KEY, value text)"))
            facts = nodes.NodeFacts("bench/chunks", "worker", "bench", 0, WRITERS, float(WRITERS), 0, {})
            node_id = nodes.join(session, facts)
            nodes.beat(session, node_id, facts, NodeState.IDLE)
        return node_id

    def _require_exactly_once(self, job_id: int, chunks: int, recorded: int) -> None:
        with self.database.reading() as session:
            job, totals = jobs.job_of(session, job_id), jobs.totals(session, job_id)
            kept = session.scalar(select(func.count()).where(ChunkResult.job_id == job_id))
        assert job is not None
        values = [item.value for item in results.item_results(self.database, job_id)]
        right = [spun(step) for step in Mix(steps=0).all_of(chunks)]
        counted = {recorded, totals.items_done, totals.chunks_done, kept}
        if job.state is not JobState.SUCCEEDED or values != right or counted != {chunks}:
            raise RuntimeError(f"job {job_id} is {job.state}: {counted} of {chunks} chunks, values {values == right}")
