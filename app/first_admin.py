"""The first start: a one-time code makes the first administrator."""

from flask import g
from sqlalchemy.orm import Session

from app import sessions
from app.accounts import account_of, valid_email, wrong_email
from app.audit import note
from app.current import database, settings
from app.passwords import hashed_password, wrong_password
from dynometer.errors import InvalidInput
from store import people

NO_CODE = {"code": "is not valid (any more); `./dyno up` prints a new one"}
KEPT = "No account was made yet. What you typed is kept, but for the passwords."


def make_first_admin(code: str, email: str, password: str, again: str) -> None:
    """Redeem the one-time code, make the admin, sign in.  Raises InvalidInput that names every wrong field."""
    code = code.strip().removeprefix("#")
    with database().reading() as reading:
        refuse_second_admin(reading)
        is_code = people.is_setup_code(reading, code)
    if wrong := ({} if is_code else NO_CODE) | wrong_email(email) | wrong_password(password, again, email):
        raise InvalidInput(KEPT, fields=wrong)
    hashed = hashed_password(password)
    with database().writing() as writing:
        refuse_second_admin(writing)  # somebody else may have been here meanwhile
        if not people.redeem_setup_code(writing, code):
            raise InvalidInput("No account was made yet.", fields=NO_CODE)
        g.account = account = account_of(people.add_person(writing, valid_email(email), hashed, ["admin"]))
        assert account is not None, "it was made just now"
        note(writing, "account-made", account.email, detail={"by": "setup code", "role": "admin"})
    sessions.begin(account, "setup code")


def refuse_second_admin(session: Session) -> None:
    if people.has_admin(session, bool(settings().oidc_issuer)):
        raise InvalidInput("There is an administrator already.", hint="Sign in instead.")
