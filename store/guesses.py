"""Wrong passwords and codes of late: whoever guesses waits longer each time, on every node, and never for good.

A try is counted before it is judged, and given back when it was right: so of many tries at once only those pass that
would have passed one after the other.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from store.account_models import Guess
from store.database import now_s

FORGIVEN_EACH_S = 600.0  # about so long after the last try one failure is forgotten, after twice that two
FORGOTTEN_S = 86_400.0
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Patience(NamedTuple):
    """How many tries are free, and how long the wait after them may grow."""

    free: int
    longest_s: int


def take_turn(session: Session, subject: str, patience: Patience) -> bool:
    """Count one try; False, and nothing counted, while this subject has to wait.  One statement: none slips through."""
    failures = _still_held() + 1
    insert = INSERT[session.get_bind().dialect.name]
    first = insert(Guess).values(subject=subject, failures=1, last_at=now_s(), wait_until=now_s())
    again = first.on_conflict_do_update(
        index_elements=[Guess.subject],
        set_={"failures": failures, "last_at": now_s(), "wait_until": now_s() + _delay_s(failures, patience)},
        where=(Guess.wait_until <= now_s()) | (Guess.wait_until > now_s() + 2 * patience.longest_s),
    )
    return session.execute(again.returning(Guess.failures)).first() is not None


def _still_held() -> ColumnElement[int]:
    """Failures on record less those that time has forgiven."""
    forgiven: ColumnElement[int] = cast(func.floor((now_s() - Guess.last_at) / FORGIVEN_EACH_S), Integer)
    return case((forgiven <= 0, Guess.failures), (forgiven >= Guess.failures, 0), else_=Guess.failures - forgiven)


def _delay_s(failures: ColumnElement[int], patience: Patience) -> ColumnElement[Any]:
    """Nothing for the free ones, then 2, 4, 8 ... seconds."""
    steps = [(failures == patience.free + n, 2**n) for n in range(1, patience.longest_s.bit_length())]
    return case((failures <= patience.free, 0), *steps, else_=patience.longest_s)


def seconds_to_wait(session: Session, subject: str) -> float:
    """How long until this subject may try again; 0 at once."""
    left = session.scalar(select(Guess.wait_until - now_s()).where(Guess.subject == subject))
    return max(0.0, float(left or 0.0))


def give_back(session: Session, subject: str) -> None:
    """One try was none: the password was right, or nobody looked at it."""
    fewer = case((Guess.failures > 0, Guess.failures - 1), else_=0)
    session.execute(update(Guess).where(Guess.subject == subject).values(failures=fewer, wait_until=now_s()))


def forget(session: Session, subject: str) -> None:
    """Its owner was here: nothing is held against this subject any more."""
    session.execute(delete(Guess).where(Guess.subject == subject))


def prune(session: Session) -> None:
    """Forget subjects that nobody has tried for a day."""
    session.execute(delete(Guess).where(Guess.last_at < now_s() - FORGOTTEN_S))
