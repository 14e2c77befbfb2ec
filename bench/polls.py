"""Polls of a job's progress while every core computes, against the idle machine."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter, sleep

from bench.fairness import job_of, running
from bench.figures import Figure, Goal, Row, percentile
from bench.floor import References
from bench.stage import Plan, Stage
from bench.web import Client
from tasks.jobs import JobRequest

PER_S = 50.0
WATCHERS, WARMING = 4, 5
SECONDS, QUICK_SECONDS = 6.0, 1.0
BUSY_S = 600.0
WAITING = JobRequest("wait", items=100_000, parameters={"seconds": 0.05})  # runs, and leaves the cores idle


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """Polls of a job that computes stand between polls of a job that only waits."""
    fleet, clients = stage.fleet, [stage.web.client() for _ in range(WATCHERS)]
    computing = job_of(stage, BUSY_S)
    seconds = QUICK_SECONDS if plan.is_quick else SECONDS

    def p99_s(request: JobRequest) -> float:
        with running(fleet, request, fleet.owner_id) as job_id:
            return percentile(latencies_s(clients, f"/api/v1/jobs/{job_id}", seconds), 99)

    # a 99th percentile of the idle machine varies by more than its speed does: no run is repeated for that
    references = References(partial(p99_s, WAITING), 1)
    trials = [references.beside(partial(p99_s, computing)) for _ in range(plan.rounds)]
    what = "p99 of a progress poll while all cores compute, against the idle machine"
    notes = tuple(f"{1000 * trial.taken_s:.1f} ms against {1000 * trial.reference_s:.1f} ms" for trial in trials)
    slowdowns = Figure(tuple(trial.slowdown for trial in trials))
    yield Row(what, slowdowns, Goal("<=", 3.0), "times", notes=notes, is_full=not plan.is_quick)


def latencies_s(clients: list[Client], path: str, seconds: float) -> list[float]:
    """Of polls at a fixed pace, by turns from each client."""
    for client in clients * WARMING:  # connects, and has every statement compiled
        client.ask("GET", path)
    start = perf_counter()
    due = [start + number / PER_S for number in range(round(seconds * PER_S))]
    with ThreadPoolExecutor(len(clients)) as pool:
        parts = [pool.submit(poll, client, path, due[k :: len(clients)]) for k, client in enumerate(clients)]
        return [latency_s for part in parts for latency_s in part.result()]


def poll(client: Client, path: str, due: Sequence[float]) -> list[float]:
    """Seconds of each poll from the moment it was due: a late one does not excuse those behind it."""
    latencies = []
    for at in due:
        sleep(max(0.0, at - perf_counter()))
        client.ask("GET", path)
        latencies.append(perf_counter() - at)
    return latencies
