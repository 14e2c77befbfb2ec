"""Users' merging of partials, watched: a step of it that never ends must not hold a worker process for ever."""

from typing import Any

from dynometer.workloads.workload import Combine
from store import partials
from store.database import Database
from tasks.run import Watch


def fold(database: Database, job_id: int, combine: Combine, limit_s: float, min_age_s: float = 0.0) -> bool:
    """`store.partials.fold` in the main thread; raises ItemOverdue when one merge takes longer than `limit_s`."""
    steps = 0

    def merge(left: Any, right: Any) -> Any:
        nonlocal steps
        steps += 1
        return combine.merge(left, right)

    with Watch(limit_s, lambda: steps):
        return partials.fold(database, job_id, merge, min_age_s)
