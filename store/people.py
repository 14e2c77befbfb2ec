"""People who sign in: found, made, changed."""

import hashlib
import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from store.account_models import Passkey, Role, SetupCode, User
from store.database import now_s

CONSOLE_EMAIL = "console@localhost"  # the account behind tokens made on the command line; nobody signs in as it


def person_by_email(session: Session, email: str) -> User | None:
    """With roles, in one query; letter case does not matter."""
    return _person(session, func.lower(User.email) == email.lower())


def person_by_id(session: Session, user_id: int) -> User | None:
    """With roles, in one query."""
    return _person(session, User.id == user_id)


def person_by_uniquifier(session: Session, uniquifier: str) -> User | None:
    """Whose sign-in is half done; with roles, in one query."""
    return _person(session, User.fs_uniquifier == uniquifier)


def person_by_oidc_subject(session: Session, subject: str) -> User | None:
    """Whom an identity provider means; with roles, in one query."""
    return _person(session, User.oidc_subject == subject)


def _person(session: Session, is_meant: ColumnElement[bool]) -> User | None:
    return session.scalars(select(User).where(is_meant).options(joinedload(User.roles))).unique().one_or_none()


def comes_in_as_admin(has_provider: bool) -> ColumnElement[bool]:
    """Who can sign in as administrator: by a password or passkey, or by a provider where there is one."""
    ways = [User.password.is_not(None), exists().where(Passkey.user_id == User.id)]
    if has_provider:
        ways.append(User.oidc_subject.is_not(None))
    return and_(User.roles.any(Role.name == "admin"), User.active, User.email != CONSOLE_EMAIL, or_(*ways))


def has_admin(session: Session, has_provider: bool) -> bool:
    """Whether somebody can sign in as admin: then the first start is over."""
    return bool(session.scalar(select(exists().where(comes_in_as_admin(has_provider)))))


def is_setup_code(session: Session, code: str) -> bool:
    """Whether `code` could be redeemed now."""
    valid = exists().where(SetupCode.code_hash == hash_code(code), SetupCode.expires_at >= now_s())
    return bool(session.scalar(select(valid)))


def redeem_setup_code(session: Session, code: str) -> bool:
    """Use up a one-time code: True for one caller.

    All codes go at once, so of two callers with two codes the second finds none left.
    """
    taken = delete(SetupCode).returning(SetupCode.code_hash, SetupCode.expires_at >= now_s())
    wanted = hash_code(code)
    return any(is_valid and hashed == wanted for hashed, is_valid in session.execute(taken).all())


def hash_code(code: str) -> str:
    """What the table keeps of a one-time code."""
    return hashlib.sha256(code.encode()).hexdigest()


def add_person(
    session: Session, email: str, password_hash: str | None, roles: Iterable[str], oidc_subject: str | None = None
) -> User:
    """A new account with these roles, which must exist."""
    held = session.scalars(select(Role).where(Role.name.in_(list(roles)))).all()
    user = User(
        email=email, password=password_hash, fs_uniquifier=uuid.uuid4().hex, roles=list(held), oidc_subject=oidc_subject
    )
    session.add(user)
    session.flush()
    return user


def rehash_password(session: Session, user_id: int, old_hash: str, new_hash: str) -> None:
    """The same password hashed anew, as hashing got stronger; one that was changed meanwhile stays."""
    same = User.id == user_id, User.password == old_hash
    session.execute(update(User).where(*same).values(password=new_hash))
