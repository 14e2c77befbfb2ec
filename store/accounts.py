"""Who may come in: roles, the first admin's one-time code, the account behind the command line, API tokens.

Secrets leave these functions once, as their result; the tables keep their SHA-256.
"""

import secrets
import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.account_models import Role, SetupCode, Token, User
from store.database import now_s
from store.people import CONSOLE_EMAIL, hash_code

ROLES = {
    "viewer": "looks at jobs and results",
    "runner": "starts and cancels own jobs",
    "operator": "sees everybody's jobs and changes the fleet",
    "admin": "invites people and gives roles",
}
SETUP_CODE_VALID_S = 1800.0
TOKEN_MARK = "dyno_"  # noqa: S105 - what every token starts with, so that scanners find leaked ones
PREFIX_LENGTH = 9


def ensure_roles(session: Session) -> dict[str, Role]:
    """All roles by name; what is missing is made."""
    roles = {role.name: role for role in session.scalars(select(Role))}
    for name, description in ROLES.items():
        if name not in roles:
            roles[name] = Role(name=name, description=description)
            session.add(roles[name])
    session.flush()
    return roles


def new_setup_code(session: Session) -> str:
    """A one-time code that makes the first admin: 256 bits, good for half an hour, and the only one."""
    ensure_roles(session)
    session.execute(delete(SetupCode))
    code = secrets.token_urlsafe(32)
    session.add(SetupCode(code_hash=hash_code(code), expires_at=now_s() + SETUP_CODE_VALID_S))
    session.flush()
    return code


def service_account(session: Session) -> User:
    """The operator that tokens made on the command line belong to.  It has no password, so nobody signs in as it."""
    user = session.scalar(select(User).where(User.email == CONSOLE_EMAIL))
    if user is None:
        role = ensure_roles(session)["operator"]
        user = User(email=CONSOLE_EMAIL, password=None, fs_uniquifier=uuid.uuid4().hex, roles=[role])
        session.add(user)
        session.flush()
    return user


def create_token(
    session: Session, owner_id: int, name: str, scope: str = "run", expires_at: float | None = None, secret: str = ""
) -> str:
    """A new API token of `owner_id`; `expires_at` in seconds since 1970 UTC, None for never.

    `secret` are 256 bits that nobody can guess; empty: made here.
    """
    token = TOKEN_MARK + (secret or secrets.token_urlsafe(32))
    session.add(
        Token(
            owner_id=owner_id,
            name=name,
            prefix=token[:PREFIX_LENGTH],
            token_hash=hash_code(token),
            scope=scope,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token
