"""The caller's API tokens: never stronger than who makes them, never living longer, and written down."""

from datetime import UTC, datetime

from flask import abort, g
from sqlalchemy.orm import Session

from app.access import SCOPES, Role, caller
from app.audit import note
from dynometer.errors import InvalidInput, NotFound
from store import tokens
from store.accounts import PREFIX_LENGTH, create_token

DAY_S = 86_400.0
SAYS = {  # scope -> what it lets a program do
    "read": "look at jobs and fetch results",
    "run": "also start and cancel jobs",
    "admin": "everything you may, with the audit log",
}


def scopes() -> dict[str, str]:
    """Those that the caller may give, and what they mean."""
    return {scope: words for scope, words in SAYS.items() if SCOPES[scope] <= max(g.role, Role.OPERATOR)}


def refuse_lesser_tokens() -> None:
    """One that leaked must not outlive its own end in another, nor shut out its owner's other programs."""
    if g.token is not None and g.token.scope != "admin":
        abort(403, "A token makes and revokes tokens only when its scope is admin.")


def make_token(session: Session, name: str, scope: str, days: int, secret: str = "") -> str:
    """The secret of a new token of the caller's.  Raises InvalidInput; answers 403 to a token that is not admin's."""
    refuse_lesser_tokens()
    if scope not in scopes():  # else it would grow when its owner does
        raise InvalidInput("No token was made.", fields={"scope": "is for administrators"})
    token = create_token(session, caller().id, name, scope, expiry(days), secret)
    note(session, "token-made", f"token {token[:PREFIX_LENGTH]}", detail={"name": name, "scope": scope, "days": days})
    return token


def revoke_token(session: Session, token_id: int) -> bool:
    """It opens nothing from now on; False when it does not anyway.

    Raises NotFound for a stranger's; answers 403 to a token that is not admin's.
    """
    refuse_lesser_tokens()
    token = tokens.token_of(session, caller().id, token_id)
    if token is None:
        raise NotFound("You have no such token.")
    was_open = tokens.revoke_token(session, caller().id, token_id)
    if was_open:
        note(session, "token-revoked", f"token {token.prefix}", detail={"name": token.name})
    return was_open


def expiry(days: int) -> float:
    """Seconds since 1970 UTC; never later than that of the token that asks."""
    wanted = datetime.now(UTC).timestamp() + days * DAY_S
    limit = g.token.expires_at if g.token is not None else None
    return wanted if limit is None else min(wanted, limit)
