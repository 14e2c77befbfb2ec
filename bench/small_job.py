"""A job of one item over HTTP: from POST to having its result."""

from collections.abc import Iterator
from time import perf_counter, sleep

from bench.figures import Figure, Goal, Row, percentile
from bench.stage import Plan, Stage
from bench.web import Client

JOBS, QUICK_JOBS = 100, 15  # in a round
POLL_S = 0.01
OPEN = ("queued", "running")


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """The median of 100 jobs, and the slowest but one."""
    client = stage.web.client()
    jobs = QUICK_JOBS if plan.is_quick else JOBS
    for _ in range(5):
        one_job_s(client)
    rounds = [[1000 * one_job_s(client) for _ in range(jobs)] for _ in range(plan.rounds)]
    for percent, limit_ms in ((50, 50.0), (99, 150.0)):
        figure = Figure(tuple(percentile(times, percent) for times in rounds))
        what = f"one-item job, POST to result, p{percent} of {jobs}"
        yield Row(what, figure, Goal("<=", limit_ms), "ms", is_full=not plan.is_quick)


def one_job_s(client: Client) -> float:
    """Seconds of one job, asked for every 10 ms."""
    start = perf_counter()
    job = client.ask("POST", "/api/v1/jobs", {"workload": "spin", "items": 1, "parameters": {"steps": 1000}})
    path = f"/api/v1/jobs/{job['id']}"
    while (job := client.ask("GET", path))["state"] in OPEN:
        sleep(POLL_S)
    result = client.ask("GET", f"{path}/results")
    if not result["ok"]:
        raise RuntimeError(f"the job failed: {result}")
    return perf_counter() - start
