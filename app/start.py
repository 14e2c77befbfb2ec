"""From a request to a job that workers know of."""

from app.audit import note
from app.current import database, doorbell, settings
from app.logs import log
from tasks.advance import advance
from tasks.jobs import Admitted, JobRequest, admit


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
