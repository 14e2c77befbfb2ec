"""Accounts: Flask-Security over the store's tables, with none of its pages and none of its ways in."""

from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app
from flask_security import RoleMixin, Security, UserMixin
from flask_security.datastore import UserDatastore
from flask_wtf.csrf import CSRFProtect

from app.configuration import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from app.current import database
from store import people
from store.account_models import User


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
    kept_password: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.kept_password = self.password

    @property
    def role_names(self) -> set[str]:
        return {role.name for role in self.roles}


class Accounts(UserDatastore):
    """Flask-Security's view of the store; every change is its own transaction."""

    def __init__(self) -> None:
        super().__init__(Account, RoleName)

    def find_user(self, case_insensitive: bool = False, **given: Any) -> Account | None:
        with database().reading() as reading:
            return account_of(people.person_by_email(reading, given["email"]))

    def put(self, account: Account) -> Account:
        """Only a password changes here: Flask-Security hashes it anew when hashing got stronger."""
        with database().writing() as writing:
            people.rehash_password(writing, account.id, account.kept_password or "", account.password or "")
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
    # Its own read accounts from the cookie and tokens from query strings; ours are read by the gate in access.py
    security.login_manager.user_loader(lambda user_id: None)
    security.login_manager.request_loader(lambda request: None)


def security() -> Security:
    return cast(Security, current_app.extensions["security"])


def wrong_email(email: str) -> dict[str, str]:
    try:
        valid_email(email)
    except ValueError:
        return {"email": "must look like name@example.org"}
    return {}


def valid_email(email: str) -> str:
    """The address as it is kept.  Raises ValueError."""
    return str(security()._mail_util.validate(email.strip())).lower()
