"""From a request to a job that workers know of."""

from collections.abc import Callable

from app.audit import note
from app.current import database, doorbell, settings
from app.logs import log
from store.jobs import idempotency_key
from tasks.advance import advance
from tasks.jobs import Admitted, JobRequest, KeyReused, admit


def start(owner_id: int, request: JobRequest, idempotency_key: str | None = None) -> Admitted:
    """Accept a job, then ring for it.  Raises InvalidInput, NotFound, OverQuota.

    Once it is committed it is accepted: whatever fails after that, the housekeeper of the worker nodes makes good.
    """
    with database().writing() as session:
        admitted = admit(session, owner_id, request, settings(), idempotency_key=idempotency_key)
        if admitted.is_new:
            note(session, "job-started", f"job {admitted.job.id}", detail={"workload": admitted.job.workload})
    if admitted.is_new:
        try:
            advance(database(), doorbell(), admitted.job.id)
        except Exception:  # noqa: BLE001 - the job is kept, and who is told otherwise starts it a second time
            log.exception("accepted, not rung", job=admitted.job.id)
    return admitted


def start_once(owner_id: int, key: str | None, wanted: Callable[[], JobRequest]) -> int:
    """The job that `key` led to before, else a new one; items of one's own are received only for a new one.

    Raises what `wanted` does, and what `start` does.
    """
    job_id = started_before(owner_id, key)
    if job_id is not None:
        return job_id
    try:
        return start(owner_id, wanted(), key).job.id
    except KeyReused:  # two presses at the same moment, each of which received the items
        job_id = started_before(owner_id, key)
        if job_id is None:
            raise
        return job_id


def started_before(owner_id: int, key: str | None) -> int | None:
    if key is None:
        return None
    with database().reading() as session:
        known = idempotency_key(session, owner_id, key)
    return known.job_id if known else None
