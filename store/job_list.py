"""Jobs as lists show them: searched, filtered, sorted, a page at a time from a cursor, forward or back."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from store.account_models import User
from store.cursors import Cursor
from store.models import Job, JobState

COUNTED = 1000  # more matches than that are "over a thousand": to count on would read every job


class Sort(StrEnum):
    """The largest first; newest means by id."""

    NEWEST = "newest"
    TOOK = "took"
    ITEMS = "items"


@dataclass(frozen=True)
class Wanted:
    """Which jobs, in which order, and where to begin.  None: any."""

    owner_id: int | None = None
    states: Collection[JobState] = ()
    workload: str | None = None
    words: str = ""  # in the workload's key, the variant, the owner's address; or the job's number
    titled: Collection[str] = ()  # workloads whose title has the words
    sort: Sort = Sort.NEWEST
    after: Cursor | None = None
    before: Cursor | None = None
    most: int = 25


@dataclass(frozen=True)
class Page:
    """Some consecutive jobs with their cursors, and whether there are any before and after them."""

    jobs: tuple[Job, ...]
    cursors: tuple[Cursor, ...]
    has_before: bool
    has_after: bool


def page_of(session: Session, wanted: Wanted) -> Page:
    """Goes back to a full first page when there is less than one before the cursor."""
    is_back = wanted.before is not None
    found = session.execute(_page(wanted)).all()
    has_more = len(found) > wanted.most
    if is_back and not has_more:
        return page_of(session, replace(wanted, before=None, after=None))
    rows = found[: wanted.most][::-1] if is_back else found[: wanted.most]
    cursors = tuple(Cursor(key, job.id) for job, key in rows)
    has_before = is_back or wanted.after is not None
    return Page(tuple(job for job, _ in rows), cursors, has_before, has_after=is_back or has_more)


def count_matches(session: Session, wanted: Wanted) -> int:
    """How many there are in all; counts no further than one over a thousand."""
    some = select(Job.id).where(*_filters(wanted)).limit(COUNTED + 1).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)


def _page(wanted: Wanted) -> Any:
    key = _sort_key(wanted.sort)
    order = (key.asc(), Job.id.asc()) if wanted.before is not None else (key.desc(), Job.id.desc())
    found = select(Job, key).where(*_filters(wanted), *_beyond(wanted, key))
    return found.order_by(*order).limit(wanted.most + 1)


def _sort_key(sort: Sort) -> ColumnElement[Any]:
    if sort is Sort.TOOK:  # jobs that are not over come last: theirs changes while one looks
        return case((Job.ended_at.is_(None), -1.0), else_=Job.ended_at - func.coalesce(Job.started_at, Job.created_at))
    return Job.items_total if sort is Sort.ITEMS else Job.id  # type: ignore[return-value]


def _beyond(wanted: Wanted, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    if here := wanted.before:
        return [or_(key > here.key, and_(key == here.key, Job.id > here.row_id))]
    if here := wanted.after:
        return [or_(key < here.key, and_(key == here.key, Job.id < here.row_id))]
    return []


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        found.append(Job.owner_id == wanted.owner_id)
    if wanted.states:
        found.append(Job.state.in_(wanted.states))
    if wanted.workload is not None:
        found.append(Job.workload == wanted.workload)
    if wanted.words:
        found.append(_matches(wanted))
    return found


def _matches(wanted: Wanted) -> ColumnElement[bool]:
    words = wanted.words.lower()
    number = words.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        return Job.id == int(number)
    owners = select(User.id).where(func.lower(User.email).contains(words, autoescape=True))
    return or_(
        Job.workload.in_(wanted.titled), Job.workload.contains(words, autoescape=True),
        Job.variant.contains(words, autoescape=True), Job.owner_id.in_(owners),
    )  # fmt: skip
