"""The combined value as pages and the API show it.

A partial may be far larger than what is shown of it (word-count keeps every word to name fifty), and every open page
polls each second.  So it is read, and made presentable, once per fold and process.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from dynometer.errors import DynometerError
from dynometer.workloads import find
from dynometer.workloads.workload import Combine
from store import partials
from store.models import Job

MOST_JOBS = 64  # a process remembers so many: about as many are watched at once
Shown = tuple[Any, str | None]  # the value and what it says in words; None where there is none
log = logging.getLogger(__name__)


class OncePerFold:
    """What `compute` makes of each job's latest fold: made by the first thread that asks, the others wait for it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[int, tuple[float, Future[Shown]]] = OrderedDict()
        self._lock = Lock()

    def get(self, job_id: int, folded_at: float, compute: Callable[[], Shown]) -> Shown:
        """As kept, else as computed now.  What `compute` raises is raised to all who waited, and not kept."""
        with self._lock:
            kept = self._kept.get(job_id)
            is_ours = kept is None or kept[0] != folded_at
            if kept is None or is_ours:
                kept = self._kept[job_id] = (folded_at, Future())
            self._kept.move_to_end(job_id)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        if is_ours:
            self._fulfil(job_id, kept, compute)
        return kept[1].result()

    def _fulfil(self, job_id: int, kept: tuple[float, Future[Shown]], compute: Callable[[], Shown]) -> None:
        try:
            kept[1].set_result(compute())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the others must not wait for ever
            with self._lock:
                if self._kept.get(job_id) is kept:
                    del self._kept[job_id]
            kept[1].set_exception(error)


once = OncePerFold(MOST_JOBS)


def value_of(session: Session, job: Job, folded_at: float | None) -> Shown:
    """The combined value so far and what it says in words; (None, None) when there is none."""
    combine = _combine(job.workload)
    if combine is None:
        return job.value, None
    if job.value is not None:
        return job.value, _sentence(job, combine, job.value)
    if folded_at is None:
        return None, None
    return once.get(job.id, folded_at, lambda: _shown(session, job, combine))


def _shown(session: Session, job: Job, combine: Combine) -> Shown:
    partial = partials.partial_of(session, job.id)
    if partial is None:
        return None, None
    try:
        value = combine.value(partial)
    except Exception as error:  # noqa: BLE001 - a workload's own code may raise anything; the page must not
        _warn(job, error)
        return None, None
    return value, _sentence(job, combine, value)


def _sentence(job: Job, combine: Combine, value: Any) -> str | None:
    try:
        return None if value is None else combine.sentence(value)
    except Exception as error:  # noqa: BLE001 - see above
        _warn(job, error)
        return None


def _warn(job: Job, error: Exception) -> None:
    log.warning("Job %s: what is combined so far can't be shown (%s).", job.id, type(error).__name__)


def _combine(key: str) -> Combine | None:
    try:
        return find(key).combine
    except DynometerError:  # its package has been removed; the stored results stay readable
        return None
