"""Memory of a worker node: idle, and growing over a job of a million items; and how soon its result begins to flow."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, sleep

import psutil

from bench.figures import Figure, Goal, Row
from bench.fleet import Fleet
from bench.stage import Plan, Stage
from bench.web import Client
from tasks.jobs import JobRequest

ITEMS, QUICK_ITEMS = 1_000_000, 200_000
LOOK_S = 0.05
MB = 1_000_000
WARM = JobRequest("spin", items=1000, parameters={"steps": 5000})  # long enough for both processes to take part


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """Of each round's own peak: memory that a round leaves behind is growth only once."""
    fleet, client, is_full = stage.fleet, stage.web.client(), not plan.is_quick
    items = QUICK_ITEMS if plan.is_quick else ITEMS
    idle = idle_of(fleet)
    grown, first_rows = [], []
    for _ in range(plan.rounds):
        job_id, grown_mb = growth(fleet, JobRequest("spin", items=items, parameters={"steps": 10}))
        grown.append(grown_mb)
        first_rows.append(first_row_s(client, job_id))
    what = f"{items:,} items"
    yield Row(f"{what}: growth of the worker node", Figure(tuple(grown)), Goal("<=", 30.0), "MB", is_full=is_full)
    yield Row(f"{what}: first row of the result", Figure(tuple(first_rows)), Goal("<=", 1.0), "s", is_full=is_full)
    yield Row("private memory of an idle worker process", Figure(idle.fresh_mb), Goal("<=", 15.0), "MB")
    yield Row("the same after its first job", Figure(idle.warm_mb), unit="MB")


@dataclass(frozen=True)
class Idle:
    """Private memory of each worker process before its first job, and after it."""

    fresh_mb: tuple[float, ...]
    warm_mb: tuple[float, ...]


def idle_of(fleet: Fleet) -> Idle:
    """Of a worker node that has just been started."""
    fleet.end_worker()
    fleet.start_worker()
    sleep(0.5)  # each has set itself up
    fresh_mb = {process.pid: private_bytes(process) / MB for process in fleet.worker_tree()}
    job_id = fleet.begin(WARM)
    fleet.finished(job_id)
    sleep(0.5)
    slots = fleet.slot_pids(job_id)
    warm_mb = (private_bytes(psutil.Process(pid)) / MB for pid in slots)
    return Idle(tuple(fresh_mb[pid] for pid in slots), tuple(warm_mb))


def growth(fleet: Fleet, request: JobRequest) -> tuple[int, float]:
    """The job, and by how many MB the whole worker node grew at most while it ran."""
    with peak_of(fleet) as peak:
        before = peak.bytes
        job_id = fleet.begin(request)
        fleet.finished(job_id)
    return job_id, (peak.bytes - before) / MB


class Peak:
    """The most private memory that the worker node's processes had together."""

    bytes = 0


@contextlib.contextmanager
def peak_of(fleet: Fleet) -> Iterator[Peak]:
    """Looks every 50 ms, in a thread, until the context ends."""
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        peak.bytes = max(peak.bytes, sum(map(private_bytes, fleet.worker_tree())))

    def keep_looking() -> None:
        while not is_over.wait(LOOK_S):
            look()

    look()
    thread = threading.Thread(target=keep_looking, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def private_bytes(process: psutil.Process) -> int:
    """What would be freed if only this process ended; 0 when it has."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0


def first_row_s(client: Client, job_id: int) -> float:
    """Seconds from the request to the first line; the rest is read too, so that the connection can go on."""
    start = perf_counter()
    response = client.open("GET", f"/api/v1/jobs/{job_id}/results")
    response.readline()
    taken_s = perf_counter() - start
    while response.read(1_000_000):
        pass
    return taken_s
