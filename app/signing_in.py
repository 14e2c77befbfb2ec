"""The way in: a password, then a code where the account asks for one, then a session.

Between the two the cookie says who is half-way in.  That is no session: it opens the page that asks for the code, for
ten minutes, until the account's sessions are ended.
"""

from datetime import UTC, datetime

from flask import session

from app import audit, codes, sessions
from app.accounts import Account, account_of, security, wrong_email
from app.current import database
from app.logs import log
from app.passwords import is_right
from app.tries import account_named, one_try
from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import is_storable
from store import people, second_factors

KEY = "half_way"
HALF_WAY_S = 600.0
WRONG = "That e-mail address and password do not belong together."
WRONG_CODE = "is not the present one, or was used before"
EMAIL_CHARS_MAX = 254  # of what goes into the audit log


def by_password(email: str, password: str) -> bool:
    """Whether that is all: False when a code is asked for next.

    Raises InvalidInput, in the same time and words for a wrong address, a wrong password and a disabled account, and
    HaveToWait after too many of those.
    """
    email = email if is_storable(email) else ""
    with one_try(account_named(email), email):
        account = security().datastore.find_user(email=email.strip())
        if not is_right(account, password) or account is None or not account.active:
            refused(email, "password")
            raise InvalidInput(WRONG, fields={"password": WRONG})
    return go_on(account, "password")


def refused(email: str, by: str) -> None:
    """Nobody came in: told in the audit log under the address that was typed."""
    log.warning("sign-in refused", by=by)
    with database().writing() as writing:
        audit.note(writing, "sign-in-refused", as_address(email), "refused", {"by": by})


def as_address(typed: str) -> str:
    """Only what looks like one: some type their password into the wrong field."""
    typed = typed.strip()
    return typed if typed and len(typed) <= EMAIL_CHARS_MAX and not wrong_email(typed) else ""


def go_on(account: Account, way: str) -> bool:
    """Begin the session, or, False, ask for a code first."""
    with database().reading() as reading:
        asks_for_code = second_factors.confirmed(reading, account.id) is not None
    if asks_for_code:
        sessions.start_over({KEY: {"who": account.fs_uniquifier, "by": way, "until": _now_s() + HALF_WAY_S}})
    else:
        sessions.begin(account, way)
    return not asks_for_code


def half_way_in() -> Account | None:
    """Who has shown a password and owes a code."""
    half_way = session.get(KEY)
    if not isinstance(half_way, dict) or half_way["until"] < _now_s():
        return None
    with database().reading() as reading:
        account = account_of(people.person_by_uniquifier(reading, half_way["who"]))
    return account if account is not None and account.active else None


def by_code(account: Account, code: str) -> None:
    """Begin the session of who is half-way in.  Raises InvalidInput, HaveToWait."""
    with one_try(f"code:{account.id}", account.email):
        if not codes.use(account.id, code):
            refused(account.email, "code")
            raise InvalidInput("Nobody was signed in.", fields={"code": WRONG_CODE})
    sessions.begin(account, f"{session[KEY]['by']} and code")


def _now_s() -> float:
    return datetime.now(UTC).timestamp()
