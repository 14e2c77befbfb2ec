"""Invitations: a code makes one account, once.  Only its SHA-256 is kept."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, insert, select, update
from sqlalchemy.orm import Session, aliased

from store.account_models import Invitation, User
from store.database import now_s
from store.people import hash_code

VALID_S = 7 * 86_400.0


class Listed(NamedTuple):
    """An invitation as a page shows it."""

    invitation: Invitation
    inviter: str
    state: str  # open, used, revoked or expired
    used_by: str | None


_state = case(
    (Invitation.used_at.is_not(None), "used"),
    (Invitation.revoked_at.is_not(None), "revoked"),
    (Invitation.expires_at <= now_s(), "expired"),
    else_="open",
)


def invite(session: Session, inviter_id: int, role: str, note: str, code: str) -> Invitation:
    """A new invitation, good for seven days."""
    made = insert(Invitation).values(
        code_hash=hash_code(code), role=role, note=note, inviter_id=inviter_id, expires_at=now_s() + VALID_S
    )
    return session.scalars(made.returning(Invitation)).one()


def invitation_by_code(session: Session, code: str) -> Listed | None:
    """Whatever its state."""
    row = session.execute(_listed().where(Invitation.code_hash == hash_code(code))).one_or_none()
    return Listed(*row) if row else None


def is_younger(session: Session, code: str, than_s: float) -> bool | None:
    """Whether it was made less than `than_s` seconds ago and still works; None when there is none."""
    is_young = and_(Invitation.created_at > now_s() - than_s, _is_open())
    found = session.scalar(select(is_young).where(Invitation.code_hash == hash_code(code)))
    return None if found is None else bool(found)


def is_known(session: Session, invitation_id: int) -> bool:
    """Whether there is one of that id, whatever its state."""
    return session.get(Invitation, invitation_id) is not None


def newest_invitations(session: Session, limit: int, before_id: int | None = None) -> Sequence[Listed]:
    """Newest first; `before_id` is the page's cursor."""
    newest = _listed().order_by(Invitation.id.desc()).limit(limit)
    if before_id is not None:
        newest = newest.where(Invitation.id < before_id)
    return [Listed(*row) for row in session.execute(newest)]


def revoke_invitation(session: Session, invitation_id: int) -> bool:
    """It opens nothing from now on; False when it does not anyway."""
    return _revoke(session, Invitation.id == invitation_id) == 1


def revoke_invitations_by(session: Session, inviter_id: int) -> int:
    """What somebody handed out who may not any more; how many."""
    return _revoke(session, Invitation.inviter_id == inviter_id)


def redeem(session: Session, code: str) -> Invitation | None:
    """Use an open one up, before its account is made: of two callers at once, one."""
    used = update(Invitation).where(Invitation.code_hash == hash_code(code), _is_open()).values(used_at=now_s())
    return session.scalars(used.returning(Invitation)).one_or_none()


def _revoke(session: Session, is_meant: ColumnElement[bool]) -> int:
    revoked = update(Invitation).where(is_meant, _is_open()).values(revoked_at=now_s())
    return session.connection().execute(revoked).rowcount


def _is_open() -> ColumnElement[bool]:
    unspent = and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now_s())
    return and_(unspent, Invitation.inviter_id.in_(select(User.id).where(User.active)))


def _listed() -> Select[Any]:
    inviter, newcomer = aliased(User), aliased(User)
    return (
        select(Invitation, inviter.email, _state, newcomer.email)
        .join(inviter, inviter.id == Invitation.inviter_id)
        .outerjoin(newcomer, newcomer.id == Invitation.used_by_id)
    )
