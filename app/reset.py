"""A link to a new password: made by an administrator, as there is no mail; works once, for a day.

Nothing is kept of it: it is signed, and names the state of the account that it was made in.  A new password, or the end
of all sessions, is another state.
"""

import hashlib

from flask import url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app import audit
from app.accounts import Account, account_of
from app.current import database, settings
from app.passwords import hashed_password, wrong_password
from dynometer.errors import InvalidInput
from store import account_changes, people

VALID_S = 86_400
NO_LINK = {"code": "is not valid (any more); ask your administrator for a new link"}


def reset_link(reading: Session, user_id: int) -> str | None:
    """The link to give to this person, and to nobody else; None when there is no such active account."""
    account = account_of(people.person_by_id(reading, user_id))
    if account is None or not account.active:
        return None
    code = _signer().dumps([account.id, _state_of(account)])
    return f"{url_for('reset.show', _external=True)}#{code}"  # behind the #, no server and no proxy sees it


def account_by_code(code: str) -> Account | None:
    """Whose password it may change."""
    try:
        user_id, state = _signer().loads(code.strip().removeprefix("#"), max_age=VALID_S)
    except BadData:
        return None
    with database().reading() as reading:
        account = account_of(people.person_by_id(reading, user_id))
    return account if account is not None and account.active and state == _state_of(account) else None


def change_by_code(code: str, password: str, again: str) -> None:
    """A new password; whoever was in with the old one is out.  Raises InvalidInput that names every wrong field."""
    account = account_by_code(code)
    email = account.email if account else ""
    if wrong := (NO_LINK if account is None else {}) | wrong_password(password, again, email):
        raise InvalidInput("Your password is still the old one.", fields=wrong)
    assert account is not None, "else something was wrong"
    hashed = hashed_password(password)
    with database().writing() as writing:
        if not account_changes.change_password(writing, account.id, account.fs_uniquifier, hashed):
            raise InvalidInput("Your password is still the old one.", fields=NO_LINK)  # twice at the same moment
        audit.note(writing, "password-changed", account.email, detail={"by": "reset link"})


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="a new password")


def _state_of(account: Account) -> str:
    return hashlib.sha256(f"{account.fs_uniquifier}|{account.password}".encode()).hexdigest()[:32]
