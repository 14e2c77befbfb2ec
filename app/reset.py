"""A link to a new password: made by an administrator, as there is no mail; works once, for a day.

Nothing is kept of it: it is signed, and names the states that its owner's and its maker's accounts were in.  A new
password, or the end of all sessions, is another state; and it is worth nothing once its maker is no administrator.
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
from store import account_changes, passkeys, people, tokens

VALID_S = 86_400
NO_LINK = {"code": "is not valid (any more); ask your administrator for a new link"}


def reset_link(reading: Session, user_id: int, maker: Account) -> str | None:
    """The link to give to this person, and to nobody else; None when there is no such active account."""
    account = account_of(people.person_by_id(reading, user_id))
    if account is None or not account.active:
        return None
    code = _signer().dumps([account.id, _state_of(account), maker.id, _state_of(maker)])
    return f"{url_for('reset.show', _external=True)}#{code}"  # behind the #, no server and no proxy sees it


def account_by_code(code: str) -> Account | None:
    """Whose password it may change."""
    try:
        user_id, state, maker_id, maker_state = _signer().loads(code.strip().removeprefix("#"), max_age=VALID_S)
    except (BadData, ValueError):  # the latter of links made by an earlier version
        return None
    with database().reading() as reading:
        account, maker = (account_of(people.person_by_id(reading, each)) for each in (user_id, maker_id))
    if maker is None or "admin" not in maker.role_names or not _is_still(maker, maker_state):
        return None
    return account if account is not None and _is_still(account, state) else None


def change_by_code(code: str, password: str, again: str) -> None:
    """A new password; whoever was in, by whatever is lost, is out: API tokens and passkeys go too.

    Raises InvalidInput that names every wrong field.
    """
    account = account_by_code(code)
    email = account.email if account else ""
    if wrong := (NO_LINK if account is None else {}) | wrong_password(password, again, email):
        raise InvalidInput("Your password is still the old one.", fields=wrong)
    assert account is not None, "else something was wrong"
    hashed = hashed_password(password)
    with database().writing() as writing:
        if not account_changes.change_password(writing, account.id, account.fs_uniquifier, hashed):
            raise InvalidInput("Your password is still the old one.", fields=NO_LINK)  # twice at the same moment
        gone = {
            "tokens": tokens.revoke_tokens(writing, account.id),
            "passkeys": passkeys.remove_all(writing, account.id),
        }
        audit.note(writing, "password-changed", account.email, detail={"by": "reset link", **gone})


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="a new password")


def _is_still(account: Account, state: str) -> bool:
    return account.active and state == _state_of(account)


def _state_of(account: Account) -> str:
    return hashlib.sha256(f"{account.fs_uniquifier}|{account.password}".encode()).hexdigest()[:32]
