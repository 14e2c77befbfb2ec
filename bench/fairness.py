"""A short job behind a long one of another owner, against the same job on the idle fleet."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

from bench.figures import Figure, Goal, Row
from bench.fleet import Fleet, new_owner
from bench.floor import WORKERS, References, Trial
from bench.stage import Plan, Stage
from tasks.jobs import JobRequest, cancel

ITEM_S = 0.01
SHORT_S, QUICK_SHORT_S = 10.0, 1.0
LONG_S = 600.0
SETTLED_S = 1.0  # chunks have their full size, or those of a cancelled job have ended
GOAL = Goal("<=", 2.2)


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """Each run of the short job behind the long one stands between two on the idle fleet."""
    fleet, other_owner = stage.fleet, new_owner(stage.fleet.database, "other")
    short_s = QUICK_SHORT_S if plan.is_quick else SHORT_S
    short, long = job_of(stage, short_s), job_of(stage, LONG_S)
    references = References(lambda: taken_s(fleet, short), tries=plan.tries)

    def behind() -> float:
        with running(fleet, long, other_owner):
            return taken_s(fleet, short)

    trials: list[Trial] = [references.beside(behind) for _ in range(plan.rounds)]
    what = f"a {short_s:g} s job behind a 10 min job of another owner, against its idle time"
    yield Row(what, Figure(tuple(trial.slowdown for trial in trials)), GOAL, "times", is_full=not plan.is_quick)


def job_of(stage: Stage, wall_s: float) -> JobRequest:
    """A job that takes the whole fleet about that long."""
    return JobRequest("spin", items=round(WORKERS * wall_s / ITEM_S), parameters={"steps": stage.steps(ITEM_S)})


def taken_s(fleet: Fleet, request: JobRequest) -> float:
    start = perf_counter()
    fleet.finished(fleet.begin(request))
    return perf_counter() - start


@contextmanager
def running(fleet: Fleet, request: JobRequest, owner_id: int) -> Iterator[int]:
    """While a job of that owner runs; it's cancelled at the end, and the fleet idle again."""
    job_id = fleet.begin(request, owner_id)
    sleep(SETTLED_S)
    try:
        yield job_id
    finally:
        cancel(fleet.database, job_id)
        sleep(SETTLED_S)
