"""The session cookie: named and guarded here.  It holds a secret id; what that opens is a row of `store.sign_ins`."""

from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from app import audit, browser_words
from app.accounts import Account, account_of
from app.current import database
from app.devices import remember_device
from app.logs import log
from dynometer.errors import InvalidInput
from store import account_changes, sign_ins

KEY = "sign_in"
CHANGED = "Your account was changed in this moment."


class Cookies(SecureCookieSessionInterface):
    """Over https the cookie is bound to this host and never sent without encryption."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-dynometer" if request.is_secure else "dynometer"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Whoever comes with a token has no session, even beside the cookie of one, and gets none."""
        return SecureCookieSession() if "Authorization" in request.headers else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if "Authorization" not in request.headers:
            super().save_session(app, session, response)


def set_up(app: Flask) -> None:
    app.session_interface = Cookies()


def by_cookie() -> Account | None:
    """Whose session it is; one query.

    The cookie of one that is over is left alone: the answer to a poll must not delete the cookie that another tab got
    meanwhile.
    """
    secret = session.get(KEY)
    if not isinstance(secret, str):
        return None
    with database().reading() as reading:
        found = sign_ins.present(reading, secret)
    if found is None:
        return None
    if found.is_seen_stale and is_by_hand():
        with database().writing() as writing:
            sign_ins.note_seen(writing, found.sign_in.id)
    g.sign_in = found.sign_in
    return account_of(found.owner)


def is_by_hand() -> bool:
    """A page that polls by itself is no sign of life of its reader."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def begin(account: Account, way: str) -> None:
    """Signed in from now on, by a new session: nothing of the one before survives, so nobody can plant one.

    Raises InvalidInput when the account was changed, or its sessions ended, since its owner's proof was judged.
    """
    before = session.get(KEY)
    with database().writing() as writing:
        if not account_changes.is_unchanged(writing, account.id, account.fs_uniquifier):
            raise InvalidInput(CHANGED, hint="Sign in again.")
        if isinstance(before, str):
            sign_ins.end_by_secret(writing, before)
        secret = open_row(writing, account)
        g.account = account
        audit.note(writing, "signed-in", detail={"by": way})
    hold(secret)
    remember_device(account.email)
    log.info("signed in", account=account.id, by=way)


def open_row(writing: Session, account: Account, began_at: float | None = None) -> str:
    """A sign-in of this browser; its secret id, which the caller has the cookie `hold` once it is committed."""
    browser = browser_words.in_words(request.headers.get("User-Agent", ""))
    return sign_ins.begin(writing, account.id, request.remote_addr or "", browser, began_at)


def hold(secret: str) -> None:
    """The cookie opens this session, and the forms of the one before are void."""
    start_over({KEY: secret})
    session.permanent = True
    generate_csrf()


def start_over(kept: dict[str, Any]) -> None:
    """A cookie that holds this and nothing of before."""
    session.clear()
    session.update(kept)
    g.pop("csrf_token", None)


def leave() -> None:
    """End this session, and with it every copy of its cookie.  Those in other browsers go on; the settings end them."""
    secret = session.get(KEY)
    if isinstance(secret, str):
        with database().writing() as writing:
            if sign_ins.end_by_secret(writing, secret):
                audit.note(writing, "signed-out")
    start_over({})


def still_in(writing: Session, account: Account) -> None:
    """Until the transaction ends nobody changes the caller's account or ends this session: call it before all else.

    Raises InvalidInput when either was done since the request was let in: what was ended must not change anything.
    """
    is_same = account_changes.hold_unchanged(writing, account.id, account.fs_uniquifier)
    if not (is_same and sign_ins.hold(writing, g.sign_in.id)):
        raise InvalidInput(CHANGED, hint="Nothing was done. Sign in again.")


def end_all_but_here(writing: Session, account: Account) -> str:
    """End all sessions of the caller, this one too; the id of a new one for this browser, to `hold` once committed.

    Only for who is `still_in`, else an ended session would come to life again.
    """
    account_changes.end_sessions(writing, account.id)
    return open_row(writing, account, g.sign_in.began_at)
