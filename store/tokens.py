"""API tokens: found by their hash, listed, revoked."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from store.account_models import Token, User
from store.database import now_s

USED_RESOLUTION_S = 60.0


class Found(NamedTuple):
    """A token that works, and whose it is, with roles."""

    token: Token
    owner: User
    is_use_stale: bool  # the last use on record is old: one write a minute, not one a request


def owner_of_token(session: Session, token_hash: str) -> Found | None:
    """By its hash, in one query."""
    is_stale = Token.last_used_at.is_(None) | (Token.last_used_at < now_s() - USED_RESOLUTION_S)
    row = (
        session.execute(
            select(Token, User, is_stale)
            .join(User, User.id == Token.owner_id)
            .where(Token.token_hash == token_hash, Token.revoked_at.is_(None), User.active)
            .where(Token.expires_at.is_(None) | (Token.expires_at > now_s()))
            .options(joinedload(User.roles))
        )
        .unique()
        .first()
    )
    return Found(row[0], row[1], bool(row[2])) if row else None


def note_use(session: Session, token_id: int) -> None:
    """It was used now."""
    session.execute(update(Token).where(Token.id == token_id).values(last_used_at=now_s()))


def tokens_of(session: Session, owner_id: int) -> Sequence[Token]:
    """Tokens that were not revoked, newest first."""
    mine = select(Token).where(Token.owner_id == owner_id, Token.revoked_at.is_(None))
    return session.scalars(mine.order_by(Token.id.desc())).all()


def token_of(session: Session, owner_id: int, token_id: int) -> Token | None:
    """One of this owner, revoked or not."""
    return session.scalars(select(Token).where(Token.owner_id == owner_id, Token.id == token_id)).one_or_none()


def is_token_younger(session: Session, token_hash: str, than_s: float) -> bool | None:
    """Whether it was made less than `than_s` seconds ago and still works; None when there is none."""
    is_young = (Token.created_at > now_s() - than_s) & Token.revoked_at.is_(None)
    found = session.scalar(select(is_young).where(Token.token_hash == token_hash))
    return None if found is None else bool(found)


def revoke_tokens(session: Session, owner_id: int) -> int:
    """All of this owner; how many there were."""
    mine = Token.owner_id == owner_id, Token.revoked_at.is_(None)
    return session.connection().execute(update(Token).where(*mine).values(revoked_at=now_s())).rowcount


def revoke_token(session: Session, owner_id: int, token_id: int) -> bool:
    """From now on it opens nothing; False when the owner has no such token."""
    mine = Token.owner_id == owner_id, Token.id == token_id, Token.revoked_at.is_(None)
    return session.connection().execute(update(Token).where(*mine).values(revoked_at=now_s())).rowcount == 1
