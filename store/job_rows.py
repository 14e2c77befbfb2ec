"""What lists of jobs show beside the job itself: one query for the whole list, never one per row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.account_models import User
from store.database import now_s
from store.models import JobShare


@dataclass(frozen=True)
class Done:
    """How far a job is; `items` has the failed ones in it."""

    items: int = 0
    failed: int = 0


def clock(session: Session) -> float:
    """The database's clock: jobs began and ended by it."""
    return float(session.scalar(select(now_s())) or 0.0)


def done_of(session: Session, job_ids: Sequence[int]) -> Mapping[int, Done]:
    """Job -> its progress; jobs of which nothing is done are missing."""
    if not job_ids:
        return {}
    summed = (
        select(JobShare.job_id, func.sum(JobShare.items_done), func.sum(JobShare.items_failed))
        .where(JobShare.job_id.in_(job_ids))
        .group_by(JobShare.job_id)
    )
    return {job_id: Done(int(items), int(failed)) for job_id, items, failed in session.execute(summed)}


def owners_of(session: Session, user_ids: Sequence[int]) -> Mapping[int, str]:
    """User -> e-mail address."""
    if not user_ids:
        return {}
    found = session.execute(select(User.id, User.email).where(User.id.in_(set(user_ids))))
    return {row.id: row.email for row in found}
