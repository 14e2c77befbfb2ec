"""Ending a job because somebody said so."""

from app.audit import note
from app.current import database
from tasks import jobs


def cancel(job_id: int) -> bool:
    """What is done stays.  False when the job had ended already."""
    return jobs.cancel(database(), job_id, told=lambda session: note(session, "job-cancelled", f"job {job_id}"))
