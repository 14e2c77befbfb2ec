"""What somebody did before: a measure for what they are about to do."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from store.models import Job, JobState

LOOKS_BACK = 200  # of their newest jobs: enough to find one, and a bound for who has a hundred thousand


def last_success(session: Session, owner_id: int, workload: str) -> Job | None:
    """The newest of the owner's last jobs that computed this workload to the end."""
    newest = select(Job).where(Job.owner_id == owner_id).order_by(Job.id.desc()).limit(LOOKS_BACK).subquery()
    job = aliased(Job, newest)
    fitting = select(job).where(job.workload == workload, job.state == JobState.SUCCEEDED)
    return session.scalar(fitting.order_by(job.id.desc()).limit(1))
