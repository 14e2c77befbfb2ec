"""What a worker process knows of a job while it computes its chunks."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from math import inf
from time import monotonic
from typing import Any

from dynometer.errors import DynometerError, ItemFailed
from dynometer.workloads import find
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Call, Combine, Workload
from store import jobs, uploads
from store.database import Database
from store.models import Job
from tasks.folding import fold
from tasks.run import ItemOverdue, sentence

log = logging.getLogger(__name__)
FOLD_S = 1.0  # how old the combined value on the page may be


@dataclass
class JobContext:
    """A job's function, ready to call, and where its items come from."""

    database: Database
    call: Call
    combine: Combine | None
    workload: Workload | None
    parameters: Any
    upload_id: int | None
    max_workers: int | None
    folds_at: float = field(default_factory=lambda: monotonic() + FOLD_S)

    def items(self, first: int, count: int) -> Iterator[Any]:
        """Items `first` to `first + count - 1`, made or read one by one."""
        if self.upload_id is not None:
            return islice(uploads.items_from(self.database, self.upload_id, first), count)
        assert self.workload is not None
        make, parameters = self.workload.item_at, self.parameters
        return (make(index, parameters) for index in range(first, first + count))

    def fold_now_and_then(self, database: Database, job_id: int, limit_s: float) -> None:
        """Bring the combined value up to date, once a second over all processes; seldomer when it takes long.

        What goes wrong here is for the verdict to say: the value on the page is only older then.
        """
        start = monotonic()
        if self.combine is None or start < self.folds_at:
            return
        try:
            fold(database, job_id, self.combine, limit_s, min_age_s=FOLD_S)
        except (Exception, ItemOverdue) as error:  # noqa: BLE001 - a workload's own code may raise anything
            log.warning("Job %s could not be combined so far (%s).", job_id, type(error).__name__)
            self.folds_at = inf
        else:
            self.folds_at = monotonic() + FOLD_S + 10 * (monotonic() - start)


@lru_cache(maxsize=8)
def context_of(database: Database, job_id: int) -> JobContext:
    """The context of a job; a few are kept, as chunks of several jobs may take turns."""
    with database.reading() as session:
        job = jobs.job_of(session, job_id)
    if job is None:
        raise DynometerError(f"Job {job_id} is gone; its chunk was dropped.")
    try:
        workload = find(job.workload)
        parameters: Any = read_parameters(workload.parameters, job.parameters)
        call = workload.prepare(job.variant, parameters)
    except Exception as error:  # noqa: BLE001 - a workload's own code may raise anything
        return _unable(database, job, str(error) if isinstance(error, DynometerError) else sentence(error))
    return JobContext(database, call, workload.combine, workload, parameters, job.upload_id, job.max_workers)


def _unable(database: Database, job: Job, why: str) -> JobContext:
    """A context whose every item says why this node can't compute the workload."""

    def call(item: Any) -> Any:
        raise ItemFailed(f"This worker node cannot compute {job.workload}: {why}")

    return JobContext(database, call, None, _Counting(), None, job.upload_id, job.max_workers)  # type: ignore[arg-type]


class _Counting:
    """Stands for a workload that is not installed here: its items are their numbers."""

    def item_at(self, index: int, parameters: Any) -> int:
        return index
