"""Passwords: hashed by argon2id a few at a time, compared, and refused when they are bad ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

import flask_security

from app.accounts import Account, security
from app.configuration import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from app.weak_passwords import is_weak
from dynometer.errors import DynometerError, InvalidInput

HASHING_AT_ONCE = 2  # of 19 MiB each: a flood of sign-ins must not eat the memory
HASHING_WAIT_S = 5.0
_hashing = BoundedSemaphore(HASHING_AT_ONCE)
TOO_LONG = f"must have at most {PASSWORD_CHARS_MAX} characters"
WEAK = "is among the first that guessing programs try; take some words that have nothing to do with each other"


class TooManySignIns(DynometerError):
    """Too many people sign in at this moment."""


def is_right(account: Account | None, password: str) -> bool:
    """Whether it is the account's; takes as long for no account and for one without a password.

    Raises InvalidInput for one longer than any, TooManySignIns.
    """
    normal = normalised(password)
    if len(normal) > PASSWORD_CHARS_MAX:  # of anybody's: it says nothing about this account
        raise InvalidInput("Nobody was signed in.", fields={"password": TOO_LONG})
    with hashing():
        if account is None or not account.password:
            flask_security.hash_password(normal)
            return False
        return bool(account.verify_and_update_password(normal))


def wrong_password(password: str, again: str, email: str = "") -> dict[str, str]:
    """What is wrong with a new one, field by field; `email` is its owner's address."""
    normal = normalised(password)
    if len(normal) > PASSWORD_CHARS_MAX:
        return {"password": TOO_LONG}
    if len(normal) < PASSWORD_CHARS_MIN:
        return {"password": f"must have at least {PASSWORD_CHARS_MIN} characters"}
    if is_weak(normal, email):
        return {"password": WEAK}
    return {} if password == again else {"again": "must be the same password as above"}


def hashed_password(password: str) -> str:
    """Raises TooManySignIns."""
    with hashing():
        return str(flask_security.hash_password(normalised(password)))


def normalised(password: str) -> str:
    """The same characters typed on another keyboard are the same password."""
    return str(security()._password_util.normalize(password))


@contextmanager
def hashing() -> Iterator[None]:
    """A turn at hashing a password."""
    if not _hashing.acquire(timeout=HASHING_WAIT_S):
        raise TooManySignIns(hint="Try again in a few seconds.")
    try:
        yield
    finally:
        _hashing.release()
