"""The verdict of a job: given once, when no chunk of it is open any more."""

from typing import Any

from sqlalchemy.orm import Session

from dynometer.errors import NotFound
from dynometer.workloads import find
from dynometer.workloads.workload import Combine
from store import chunks, jobs, partials
from store.database import Database
from store.models import Job, JobState
from tasks.folding import fold
from tasks.persistence import is_away
from tasks.run import ItemOverdue, Watch, dumps, sentence

NAMED = 10  # failed items that the verdict names
COMBINE_S = 300.0
MOST_TRIES = 4
GIVEN_UP = f"The values are there, but combining them was begun {MOST_TRIES} times and came to no end."


def finish_if_done(database: Database, job_id: int, limit_s: float = COMBINE_S) -> bool:
    """End the job if its last chunk has ended; for processes that may run users' code, in their main thread."""
    with database.reading() as session:
        if not jobs.only_lacks_verdict(session, job_id):
            return False
    return finish(database, job_id, limit_s)


def finish(database: Database, job_id: int, limit_s: float = COMBINE_S) -> bool:
    """Give the job its verdict if it only lacks that, as the caller believes.

    A node that lacks the workload leaves it to the others, unless there is nothing to combine.
    """
    with database.reading() as session:
        job = jobs.job_of(session, job_id)
        if job is None or job.state.is_final:
            return False
        is_plain = not partials.has_partials(session, job_id) and partials.partial_of(session, job_id) is None
    try:
        combine = None if is_plain else find(job.workload).combine
    except NotFound:
        return False
    value, why_not = None, None
    if combine:
        turn = partials.begin_try(database, job_id)
        if turn is None:
            return False
        value, why_not = combined(database, job_id, combine, limit_s) if turn <= MOST_TRIES else (None, GIVEN_UP)
    with database.writing() as session:
        job = jobs.locked_job(session, job_id)  # then look again: another may have done it
        if job is None or not jobs.only_lacks_verdict(session, job_id):
            return False
        state, failure = verdict(session, job)
        if why_not:
            state = JobState.PARTIAL if state is JobState.SUCCEEDED else state
            failure = f"{failure} {why_not}" if failure else why_not
        return jobs.end(session, job_id, state, failure, value)


def combined(database: Database, job_id: int, combine: Combine, limit_s: float) -> tuple[Any, str | None]:
    """(the job's value from all its chunks, None) or (None, why it could not be combined)."""
    try:
        while fold(database, job_id, combine, limit_s) or _is_left(database, job_id):
            pass
        with database.reading() as session:
            partial = partials.partial_of(session, job_id)
        with Watch(limit_s, lambda: 0):
            value = None if partial is None else combine.value(partial)
            dumps(value)  # raises when JSON cannot say it
    except ItemOverdue:
        return None, f"The values are there, but could not be combined: a step took longer than {limit_s:g} s."
    except Exception as error:
        if is_away(error):  # the database, which is nobody's fault here
            raise
        return None, f"The values are there, but could not be combined: {sentence(error)}"
    return value, None


def _is_left(database: Database, job_id: int) -> bool:
    """Whether there is still something to fold: another may have been quicker with what we tried."""
    with database.reading() as session:
        return partials.has_partials(session, job_id)


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
