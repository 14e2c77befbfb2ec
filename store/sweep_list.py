"""Sweeps as lists show them: searched, filtered, sorted, a page at a time from a cursor, forward or back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from store.account_models import User
from store.cursors import Cursor
from store.database import now_s
from store.sweep_models import Sweep, SweepState

COUNTED = 1000  # more matches than that are "over a thousand": to count on would read every sweep


class Sort(StrEnum):
    """The largest first; newest means by id."""

    NEWEST = "newest"
    SPEEDUP = "speedup"
    WINDOWS = "windows"


@dataclass(frozen=True)
class Wanted:
    """Which sweeps, in which order, and where to begin.  None or empty: any."""

    owner_id: int | None = None
    states: Collection[SweepState] = ()
    model: str = ""
    words: str = ""  # in the name, the workload's key, the owner's address; or the sweep's number
    titled: Collection[str] = ()  # workloads whose title has the words
    sort: Sort = Sort.NEWEST
    after: Cursor | None = None
    before: Cursor | None = None
    most: int = 25


@dataclass(frozen=True)
class Page:
    """Some consecutive sweeps with their cursors, and whether there are any before and after them."""

    sweeps: tuple[Sweep, ...]
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
    cursors = tuple(Cursor(key, sweep.id) for sweep, key in rows)
    has_before = is_back or wanted.after is not None
    return Page(tuple(sweep for sweep, _ in rows), cursors, has_before, has_after=is_back or has_more)


def count_matches(session: Session, wanted: Wanted) -> int:
    """How many there are in all; counts no further than one over a thousand."""
    some = select(Sweep.id).where(*_filters(wanted)).limit(COUNTED + 1).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)


def newest_sweeps(
    session: Session, owner_id: int | None, limit: int, *, states: Collection[SweepState] = ()
) -> Sequence[Sweep]:
    """Newest first, of one owner or of all."""
    return page_of(session, Wanted(owner_id=owner_id, states=states, most=limit)).sweeps


def owners_of(session: Session, sweeps: Sequence[Sweep]) -> Mapping[int, str]:
    """Owner -> e-mail address, for the whole list at once."""
    if not sweeps:
        return {}
    found = session.execute(select(User.id, User.email).where(User.id.in_({sweep.owner_id for sweep in sweeps})))
    return {each.id: each.email for each in found}


def clock(session: Session) -> float:
    """The database's clock: sweeps began and ended by it."""
    return float(session.scalar(select(now_s())) or 0.0)


def _page(wanted: Wanted) -> Any:
    key = _sort_key(wanted.sort)
    order = (key.asc(), Sweep.id.asc()) if wanted.before is not None else (key.desc(), Sweep.id.desc())
    found = select(Sweep, key).where(*_filters(wanted), *_beyond(wanted, key))
    return found.order_by(*order).limit(wanted.most + 1)


def _sort_key(sort: Sort) -> ColumnElement[Any]:
    if sort is Sort.SPEEDUP:  # those that have none come last
        return func.coalesce(Sweep.best_speedup, -1.0)
    if sort is Sort.WINDOWS:  # of one that is not over they change while one looks
        return case((Sweep.ended_at.is_(None), -1), else_=Sweep.windows)
    return Sweep.id  # type: ignore[return-value]


def _beyond(wanted: Wanted, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    if here := wanted.before:
        return [or_(key > here.key, and_(key == here.key, Sweep.id > here.row_id))]
    if here := wanted.after:
        return [or_(key < here.key, and_(key == here.key, Sweep.id < here.row_id))]
    return []


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        found.append(Sweep.owner_id == wanted.owner_id)
    if wanted.states:
        found.append(Sweep.state.in_(wanted.states))
    if wanted.model:  # as JSON writes it: a list of short keys, on both databases
        found.append(cast(Sweep.models, Text).contains(f'"{wanted.model}"', autoescape=True))
    if wanted.words:
        found.append(_matches(wanted))
    return found


def _matches(wanted: Wanted) -> ColumnElement[bool]:
    words = wanted.words.lower()
    number = words.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        return Sweep.id == int(number)
    owners = select(User.id).where(func.lower(User.email).contains(words, autoescape=True))
    return or_(
        func.lower(Sweep.name).contains(words, autoescape=True), Sweep.workload.contains(words, autoescape=True),
        Sweep.workload.in_(wanted.titled), Sweep.owner_id.in_(owners),
    )  # fmt: skip
