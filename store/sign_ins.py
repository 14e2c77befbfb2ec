"""Sign-ins: one row per browser that is in.  Its cookie holds a secret id, the row that id's SHA-256.

How long one lasts is decided here, from the row and by the database's clock: a cookie may claim what it likes.
"""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session, joinedload

from store.account_models import SignIn, User
from store.database import now_s
from store.people import hash_code

IDLE_S = 8 * 3600.0
LASTS_S = 7 * 86_400.0  # since the sign-in, however busy
SEEN_RESOLUTION_S = 60.0
KNOWN_S = 30 * 86_400.0  # a network that somebody signed in from is theirs for so long


class Present(NamedTuple):
    """A sign-in that holds, and whose it is, with roles."""

    sign_in: SignIn
    owner: User
    is_seen_stale: bool  # the last sign of life on record is old: one write a minute, not one a request


def begin(session: Session, user_id: int, address: str, browser: str, began_at: float | None = None) -> str:
    """A new sign-in of this person; its secret id, 256 bits, which is kept nowhere else.

    One that takes another's place `began_at` that one's time: it lasts no longer, and proves nothing anew.
    """
    secret = secrets.token_urlsafe(32)
    since = {} if began_at is None else {"began_at": began_at}
    session.add(SignIn(user_id=user_id, session_hash=hash_code(secret), address=address, browser=browser, **since))
    session.flush()
    return secret


def present(session: Session, secret: str) -> Present | None:
    """By the id that a cookie holds, in one query by a unique index; None once it is over or its owner disabled."""
    is_stale = SignIn.seen_at < now_s() - SEEN_RESOLUTION_S
    row = (
        session.execute(
            select(SignIn, User, is_stale)
            .join(User, User.id == SignIn.user_id)
            .where(SignIn.session_hash == hash_code(secret), *holds(), User.active)
            .options(joinedload(User.roles))
        )
        .unique()
        .first()
    )
    return Present(row[0], row[1], bool(row[2])) if row else None


def holds() -> tuple[ColumnElement[bool], ...]:
    """What is true of a sign-in that is not over."""
    return SignIn.ended_at.is_(None), SignIn.seen_at > now_s() - IDLE_S, SignIn.began_at > now_s() - LASTS_S


def hold(session: Session, sign_in_id: int) -> bool:
    """Whether it is not over, and until the transaction ends nobody ends it."""
    mine = select(SignIn.id).where(SignIn.id == sign_in_id, *holds())
    return session.scalar(mine.with_for_update()) is not None


def note_seen(session: Session, sign_in_id: int) -> None:
    """It was used now.  Whoever asks at the same moment writes nothing."""
    stale = SignIn.id == sign_in_id, SignIn.seen_at < now_s() - SEEN_RESOLUTION_S
    session.execute(update(SignIn).where(*stale).values(seen_at=now_s()))


def present_ones(session: Session, user_id: int) -> Sequence[SignIn]:
    """Where this person is signed in now, the last used first."""
    mine = select(SignIn).where(SignIn.user_id == user_id, *holds())
    return session.scalars(mine.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def end(session: Session, user_id: int, sign_in_id: int) -> bool:
    """End one; False when this person has no such sign-in, or it is over."""
    return _end(session, SignIn.user_id == user_id, SignIn.id == sign_in_id) == 1


def end_by_secret(session: Session, secret: str) -> bool:
    """End the one whose cookie this is."""
    return _end(session, SignIn.session_hash == hash_code(secret)) == 1


def end_others(session: Session, user_id: int, kept_id: int) -> int:
    """End all of this person's sign-ins but one; how many there were."""
    return _end(session, SignIn.user_id == user_id, SignIn.id != kept_id)


def end_all(session: Session, user_id: int) -> int:
    """End all of this person's sign-ins; how many there were."""
    return _end(session, SignIn.user_id == user_id)


def _end(session: Session, *meant: ColumnElement[bool]) -> int:
    ending = update(SignIn).where(*meant, SignIn.ended_at.is_(None)).values(ended_at=now_s())
    return session.connection().execute(ending).rowcount


def addresses_of(session: Session, email: str) -> set[str]:
    """Where from this person signed in of late; nothing for an address that has no account."""
    recent = select(SignIn.address).join(User, User.id == SignIn.user_id).where(User.email == email.lower())
    return set(session.scalars(recent.where(SignIn.began_at > now_s() - KNOWN_S).distinct()))


def prune(session: Session) -> None:
    """Forget those that nobody will ask for again."""
    session.execute(delete(SignIn).where(SignIn.began_at < now_s() - KNOWN_S))
