"""Sweeps and jobs take turns on a node: after each window, jobs that wait have it for as long."""

from collections.abc import Callable
from functools import partial
from time import monotonic, sleep

from dynometer.workloads import all_workloads
from store import fairness
from tasks.persistence import persistently
from tasks.shift import Worker
from tasks.sweep_care import ring_for_jobs

LOOK_S = 0.2
LEAST_S, LONGEST_S = 0.5, 10.0


def give_turn(worker: Worker, took_s: float, look: Callable[[], None]) -> None:
    """Return at once when no job waits; else ring for those, and return after `took_s` or when none is left.

    `look` is called all the while, and may raise.
    """
    if not persistently(partial(ring_for_jobs, worker.database, worker.doorbell)):
        return
    until = monotonic() + min(LONGEST_S, max(LEAST_S, took_s))
    while monotonic() < until and persistently(partial(has_waiting, worker)):
        look()
        sleep(LOOK_S)


def has_waiting(worker: Worker) -> bool:
    """Whether a job has work for a free process."""
    with worker.database.reading() as session:
        return bool(fairness.fairest_jobs(session, 1, all_workloads()))
