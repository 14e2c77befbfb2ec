"""Accounts: Flask-Security over the store's tables, with none of its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

import flask_security
from flask import Flask, session
from flask_security import RoleMixin, Security, UserMixin
from flask_security.datastore import UserDatastore
from flask_security.utils import login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from app.configuration import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from app.current import database
from app.logs import log
from dynometer.errors import DynometerError, InvalidInput
from dynometer.workloads.parameters import is_storable
from store import people
from store.account_models import User

HASHING_AT_ONCE = 2  # of 19 MiB each: a flood of sign-ins must not eat the memory
HASHING_WAIT_S = 5.0
_hashing = BoundedSemaphore(HASHING_AT_ONCE)
WRONG = "That e-mail address and password do not belong together."
NO_CODE = {"code": "is not valid (any more); `./dyno up` prints a new one"}
TOO_LONG = f"must have at most {PASSWORD_CHARS_MAX} characters"


class TooManySignIns(DynometerError):
    """Too many people sign in at this moment."""


@dataclass
class RoleName(RoleMixin):
    """A role as Flask-Security reads it."""

    name: str
    __hash__ = RoleMixin.__hash__


@dataclass(eq=False)
class Account(UserMixin):
    """Who is signed in; detached from the database."""

    id: int
    email: str
    password: str | None
    active: bool
    fs_uniquifier: str = ""
    roles: list[RoleName] = field(default_factory=list)

    @property
    def role_names(self) -> set[str]:
        return {role.name for role in self.roles}


class Accounts(UserDatastore):
    """Flask-Security's view of the store; every change is its own transaction."""

    def __init__(self) -> None:
        super().__init__(Account, RoleName)

    def find_user(self, case_insensitive: bool = False, **given: Any) -> Account | None:
        with database().reading() as reading:
            if "fs_uniquifier" in given:
                return account_of(people.person_by_uniquifier(reading, given["fs_uniquifier"]))
            return account_of(people.person_by_email(reading, given["email"]))

    def put(self, account: Account) -> Account:
        """Only a password changes here: Flask-Security hashes it anew when hashing got stronger."""
        with database().writing() as writing:
            people.set_password(writing, account.id, account.password or "")
        return account

    def commit(self) -> None:
        """Nothing is open."""


def account_of(user: User | None) -> Account | None:
    if user is None:
        return None
    roles = [RoleName(role.name) for role in user.roles]
    return Account(user.id, user.email, user.password, user.active, user.fs_uniquifier, roles)


def set_up(app: Flask) -> None:
    CSRFProtect(app)
    app.jinja_env.globals.update(password_chars_min=PASSWORD_CHARS_MIN, password_chars_max=PASSWORD_CHARS_MAX)
    security = Security(app, Accounts(), register_blueprint=False)
    # Its own reads tokens from query strings too; ours are read by the gate in access.py, from one header
    security.login_manager.request_loader(lambda request: None)


def sign_in(email: str, password: str) -> None:
    """Start a session.  Raises InvalidInput, in the same time and words for a wrong address and a wrong password."""
    security = _security()
    normal = security._password_util.normalize(password)
    if len(normal) > PASSWORD_CHARS_MAX:  # of anybody's: it says nothing about this account
        raise InvalidInput("Nobody was signed in.", fields={"password": TOO_LONG})
    account = security.datastore.find_user(email=email.strip()) if is_storable(email) else None
    with hashing():
        if account is None or not account.password:
            flask_security.hash_password(normal)
            raise InvalidInput(WRONG, fields={"password": WRONG})
        is_right = account.verify_and_update_password(normal)
    if not is_right or not account.active:
        log.warning("sign-in refused", account=account.id)
        raise InvalidInput(WRONG, fields={"password": WRONG})
    begin_session(account)


def begin_session(account: Account) -> None:
    """Signed in from now on; nothing of the session before survives, so nobody can plant one."""
    session.clear()
    login_user(account, remember=False)
    session.permanent = True
    log.info("signed in", account=account.id)


def sign_out(account: Account) -> None:
    """End every session of the account: a cookie that was copied must not outlive its owner's sign-out."""
    with database().writing() as writing:
        people.end_sessions(writing, account.id)
    logout_user()
    session.clear()


def make_first_admin(code: str, email: str, password: str, again: str) -> None:
    """Redeem the one-time code, make the admin, sign in.  Raises InvalidInput that names every wrong field."""
    code = code.strip().removeprefix("#")
    with database().reading() as reading:
        refuse_second_admin(reading)
        is_code = people.is_setup_code(reading, code)
    if wrong := ({} if is_code else NO_CODE) | wrong_email(email) | wrong_password(password, again):
        raise InvalidInput("No account was made yet. What you typed is kept, but for the passwords.", fields=wrong)
    hashed = hashed_password(password)
    with database().writing() as writing:
        refuse_second_admin(writing)  # somebody else may have been here meanwhile
        if not people.redeem_setup_code(writing, code):
            raise InvalidInput("No account was made yet.", fields=NO_CODE)
        account = account_of(people.add_person(writing, valid_email(email), hashed, ["admin"]))
        assert account is not None, "it was made just now"
    begin_session(account)


def refuse_second_admin(session: Session) -> None:
    if people.has_admin(session):
        raise InvalidInput("There is an administrator already.", hint="Sign in instead.")


def wrong_email(email: str) -> dict[str, str]:
    try:
        valid_email(email)
    except ValueError:
        return {"email": "must look like name@example.org"}
    return {}


def valid_email(email: str) -> str:
    """The address as it is kept.  Raises ValueError."""
    return str(_security()._mail_util.validate(email.strip())).lower()


def wrong_password(password: str, again: str) -> dict[str, str]:
    chars = len(_security()._password_util.normalize(password))
    if chars > PASSWORD_CHARS_MAX:
        return {"password": TOO_LONG}
    if chars < PASSWORD_CHARS_MIN:
        return {"password": f"must have at least {PASSWORD_CHARS_MIN} characters"}
    return {} if password == again else {"again": "must be the same password as above"}


def hashed_password(password: str) -> str:
    with hashing():
        return str(flask_security.hash_password(_security()._password_util.normalize(password)))


@contextmanager
def hashing() -> Iterator[None]:
    """A turn at hashing a password."""
    if not _hashing.acquire(timeout=HASHING_WAIT_S):
        raise TooManySignIns(hint="Try again in a few seconds.")
    try:
        yield
    finally:
        _hashing.release()


def _security() -> Security:
    from flask import current_app

    return current_app.extensions["security"]
