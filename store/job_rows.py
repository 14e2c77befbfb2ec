"""What lists of jobs show beside the job itself: one statement for the whole list, never one per row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.account_models import User
from store.database import now_s
from store.models import Job, JobShare


@dataclass(frozen=True)
class Done:
    """How far a job is; `items` has the failed ones in it."""

    items: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Beside:
    """What a list shows of a job that is not in its row."""

    done: Done
    owner: str  # e-mail address
    now_s: float  # the database's clock


def clock(session: Session) -> float:
    """The database's clock: jobs began and ended by it."""
    return float(session.scalar(select(now_s())) or 0.0)


def beside(session: Session, job_ids: Sequence[int]) -> Mapping[int, Beside]:
    """Job -> what stands beside it, for the whole list at once."""
    if not job_ids:
        return {}
    items, failed = (
        select(func.coalesce(func.sum(column), 0)).where(JobShare.job_id == Job.id).scalar_subquery()
        for column in (JobShare.items_done, JobShare.items_failed)
    )
    wanted = select(Job.id, User.email, now_s(), items, failed).join(User, User.id == Job.owner_id)
    found = session.execute(wanted.where(Job.id.in_(job_ids)))
    return {job_id: Beside(Done(int(done), int(bad)), owner, float(now)) for job_id, owner, now, done, bad in found}
