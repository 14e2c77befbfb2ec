"""The verdict of a job: given once, when no chunk of it is open any more."""

from typing import Any

from sqlalchemy.orm import Session

from dynometer.errors import DynometerError
from dynometer.workloads import find
from dynometer.workloads.workload import Combine
from store import chunks, jobs, results
from store.database import Database
from store.models import Job, JobState
from tasks.persistence import is_away
from tasks.run import dumps, sentence

NAMED = 10  # failed items that the verdict names


def finish_if_done(database: Database, job_id: int) -> bool:
    """End the job if its last chunk has ended; may be called at any time by any process that may run users' code."""
    with database.reading() as session:
        if not jobs.only_lacks_verdict(session, job_id):
            return False
    return finish(database, job_id)


def finish(database: Database, job_id: int) -> bool:
    """Give the job its verdict if it only lacks that, as the caller believes."""
    with database.writing() as session:
        job = jobs.locked_job(session, job_id)  # then look again: another may have done it
        if job is None or not jobs.only_lacks_verdict(session, job_id):
            return False
        state, failure = verdict(session, job)
        value, why_not = combined(session, job)
        if why_not:
            state = JobState.PARTIAL if state is JobState.SUCCEEDED else state
            failure = f"{failure} {why_not}" if failure else why_not
        return jobs.end(session, job_id, state, failure, value)


def combined(session: Session, job: Job) -> tuple[Any, str | None]:
    """(the job's value from all its chunks, None) or (None, why it could not be combined).

    (None, None) when the workload does not combine, or no item has a value.
    """
    try:
        combine = find(job.workload).combine
    except DynometerError:
        combine = None
    if combine is None:
        return None, None
    try:
        with session.begin_nested():
            return _folded(session, job.id, combine), None
    except Exception as error:
        if is_away(error):  # the database, which is nobody's fault here
            raise
        return None, f"The values are there, but could not be combined: {sentence(error)}"


def _folded(session: Session, job_id: int, combine: Combine) -> Any:
    partial = results.fold(session, job_id, combine.merge)
    while results.has_partials(session, job_id):
        partial = results.fold(session, job_id, combine.merge)
    if partial is None:
        return None
    value = combine.value(partial)
    dumps(value)  # raises when JSON cannot say it
    return value


def verdict(session: Session, job: Job) -> tuple[JobState, str | None]:
    """The job's final state, and the sentence that names what failed."""
    done = jobs.totals(session, job.id)
    if done.items_failed == 0:
        return JobState.SUCCEEDED, None
    state = JobState.FAILED if done.items_failed >= job.items_total else JobState.PARTIAL
    return state, f"{_count(done.items_failed)} of {job.items_total:,} failed. {_examples(session, job.id)}"


def _examples(session: Session, job_id: int) -> str:
    parts = []
    if dead := jobs.dead_chunks(session, job_id, NAMED):
        names = ", ".join(_span(chunk.first_item, chunk.item_count) for chunk in dead)
        parts.append(f"Ended their worker process {chunks.MAX_ATTEMPTS} times and were given up: {names}.")
    errors = [
        (result.first_item + int(place), sentence)
        for result in jobs.first_errors(session, job_id)
        for place, sentence in (result.errors or {}).items()
    ]
    if errors:
        item, sentence = min(errors)
        parts.append(f"The first error is at item {item:,}: {sentence}")
    return " ".join(parts)


def _span(first: int, count: int) -> str:
    return f"item {first:,}" if count == 1 else f"items {first:,} to {first + count - 1:,}"


def _count(items: int) -> str:
    return "1 item" if items == 1 else f"{items:,} items"
