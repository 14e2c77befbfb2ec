"""Profile: who one is here, and one's password."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import audit, sessions
from app.access import Role, caller, needs
from app.accounts import Account
from app.current import database
from app.pages.sign_in import refused
from app.passwords import hashed_password, wrong_password
from app.proof import prove, refuse_tokens
from app.tries import HaveToWait
from dynometer.errors import InvalidInput
from store import account_changes, tokens

bp = Blueprint("profile", __name__, url_prefix="/settings/profile")
bp.before_request(refuse_tokens)
KEPT = "Your password is still the old one."


@bp.get("")
def show() -> ResponseReturnValue:
    return render_template("settings/profile.html", errors={})


@bp.post("/password")
@needs(Role.VIEWER)
def change_password() -> ResponseReturnValue:
    form = request.form
    try:
        change(caller(), form.get("present", ""), form.get("password", ""), form.get("again", ""), "tokens" in form)
    except (InvalidInput, HaveToWait) as error:
        return refused("settings/profile.html", error)
    flash("Your password is changed, and every other browser is signed out.")
    return redirect(url_for("profile.show"), code=303)


def change(account: Account, present: str, password: str, again: str, revokes_tokens: bool) -> None:
    """Raises InvalidInput that names every wrong field, HaveToWait."""
    if account.password is None:
        raise InvalidInput(KEPT, fields={"present": "There is none: you sign in without a password."})
    wrong = wrong_password(password, again, account.email)
    try:
        prove(account, present)
    except InvalidInput as error:
        raise InvalidInput(KEPT, fields={"present": error.fields.get("password", str(error))} | wrong) from None
    if wrong:
        raise InvalidInput(KEPT, fields=wrong)
    hashed = hashed_password(password)
    with database().writing() as writing:
        sessions.still_in(writing, account)
        if not account_changes.change_password(writing, account.id, account.fs_uniquifier, hashed):
            raise InvalidInput(KEPT, hint="It was changed elsewhere in this moment.")
        secret = sessions.open_row(writing, account, g.sign_in.began_at)
        gone = tokens.revoke_tokens(writing, account.id) if revokes_tokens else 0
        audit.note(writing, "password-changed", detail={"tokens": gone})
    sessions.hold(secret)
