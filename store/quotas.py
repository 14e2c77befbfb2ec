"""What one person may have at once, and what they have."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from store.account_models import Quota, User
from store.models import Job, Upload


@dataclass(frozen=True)
class Limits:
    """The most of each."""

    open_jobs_max: int
    open_items_max: int
    stored_bytes_max: int


@dataclass(frozen=True)
class Override:
    """Where one person's limits are their own; None leaves it to the installation's default."""

    open_jobs_max: int | None = None
    open_items_max: int | None = None
    stored_bytes_max: int | None = None


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


def override_of(session: Session, user_id: int) -> Override:
    """Where this person's limits differ from the defaults."""
    return overrides_of(session, [user_id]).get(user_id, Override())


def overrides_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Override]:
    """The same of many, without those who have the defaults."""
    rows = session.scalars(select(Quota).where(Quota.user_id.in_(user_ids)))
    return {row.user_id: Override(row.open_jobs_max, row.open_items_max, row.stored_bytes_max) for row in rows}


def set_override(session: Session, user_id: int, override: Override) -> None:
    """From the next admission on; what is there already stays."""
    session.merge(Quota(user_id=user_id, **asdict(override)))
    session.flush()


def open_of(session: Session, user_ids: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """User -> (open jobs, items in them), without those who have none; by the index of open jobs."""
    is_open = Job.state.in_((literal_column("'queued'"), literal_column("'running'")))
    rows = session.execute(
        select(Job.owner_id, func.count(), func.sum(Job.items_total))
        .where(is_open, Job.owner_id.in_(user_ids))
        .group_by(Job.owner_id)
    )
    return {owner_id: (int(jobs), int(items)) for owner_id, jobs, items in rows}


def stored_of(session: Session, user_ids: Collection[int]) -> Mapping[int, int]:
    """User -> bytes of their uploads, without those who have none; by the index of owners, one row an upload."""
    rows = session.execute(
        select(Upload.owner_id, func.sum(Upload.stored_bytes))
        .where(Upload.owner_id.in_(user_ids))
        .group_by(Upload.owner_id)
    )
    return {owner_id: int(stored) for owner_id, stored in rows}


def uses_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Use]:
    """What each of these has, in two queries."""
    opened, stored = open_of(session, user_ids), stored_of(session, user_ids)
    return {user_id: Use(*opened.get(user_id, (0, 0)), stored.get(user_id, 0)) for user_id in user_ids}


def use_of(session: Session, user_id: int) -> Use:
    """The same of one."""
    return uses_of(session, [user_id])[user_id]
