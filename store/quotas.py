"""What one person may have at once, and what they have."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.account_models import Quota, User
from store.jobs import OPEN
from store.models import Job, Upload, UploadBlock


@dataclass(frozen=True)
class Limits:
    """The most of each; as an override, None leaves it to the installation's default."""

    open_jobs_max: int | None
    open_items_max: int | None
    stored_bytes_max: int | None


@dataclass(frozen=True)
class Use:
    """What somebody has now."""

    open_jobs: int = 0  # queued or running
    open_items: int = 0  # of these jobs, done or not
    stored_bytes: int = 0  # uploaded items, as they are kept


def hold_owner(session: Session, user_id: int) -> None:
    """Whoever else admits for this person waits until this transaction ends.

    Not FOR UPDATE: inserting a row that belongs to them shares a key lock.  On SQLite the transaction itself is alone.
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def override_of(session: Session, user_id: int) -> Limits:
    """Where this person's limits differ from the defaults."""
    return overrides_of(session, [user_id]).get(user_id, Limits(None, None, None))


def overrides_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Limits]:
    """The same of many, without those who have the defaults."""
    rows = session.scalars(select(Quota).where(Quota.user_id.in_(user_ids)))
    return {row.user_id: Limits(row.open_jobs_max, row.open_items_max, row.stored_bytes_max) for row in rows}


def set_override(session: Session, user_id: int, limits: Limits) -> None:
    """From the next admission on; what is there already stays."""
    session.merge(Quota(user_id=user_id, **asdict(limits)))
    session.flush()


def use_of(session: Session, user_id: int) -> Use:
    """In two queries: open jobs by their index, uploads by their blocks' sizes."""
    return uses_of(session, [user_id]).get(user_id, Use())


def uses_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Use]:
    """The same of many, without those who have nothing."""
    jobs = session.execute(
        select(Job.owner_id, func.count(), func.sum(Job.items_total))
        .where(Job.state.in_(OPEN), Job.owner_id.in_(user_ids))
        .group_by(Job.owner_id)
    )
    uploads = session.execute(
        select(Upload.owner_id, func.sum(func.length(UploadBlock.lines)))
        .join(UploadBlock, UploadBlock.upload_id == Upload.id)
        .where(Upload.owner_id.in_(user_ids))
        .group_by(Upload.owner_id)
    )
    open_of = {owner_id: (count, items) for owner_id, count, items in jobs}
    stored_of = {owner_id: stored for owner_id, stored in uploads}
    return {
        owner_id: Use(*map(int, open_of.get(owner_id, (0, 0))), int(stored_of.get(owner_id, 0)))
        for owner_id in open_of.keys() | stored_of.keys()
    }
