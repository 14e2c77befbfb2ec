"""Codes from an authenticator app: set up, confirmed by the first code, taken away."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import audit, codes, sessions
from app.access import Role, caller, needs
from app.current import database
from app.pages.sign_in import refused
from app.proof import prove, refuse_tokens
from app.signing_in import WRONG_CODE
from app.tries import HaveToWait, one_try
from dynometer.errors import InvalidInput, NotFound
from store import second_factors

bp = Blueprint("second_factor", __name__, url_prefix="/settings/security/codes")
bp.before_request(refuse_tokens)
PROOFS = {  # what the password is asked for
    "set-up": "Set up an authenticator app",
    "recovery": "Make new recovery codes",
    "remove": "Remove the authenticator app",
}


@bp.get("/<change>")
def ask(change: str) -> ResponseReturnValue:
    """The password first: the session may have been left open."""
    title = PROOFS.get(change) or abort(404)
    return render_template("settings/prove_codes.html", change=change, title=title, errors={})


@bp.post("/<change>")
@needs(Role.VIEWER)
def begin(change: str) -> ResponseReturnValue:
    title = PROOFS.get(change) or abort(404)
    try:
        prove(caller(), request.form.get("password", ""))
    except (InvalidInput, HaveToWait) as error:
        return refused("settings/prove_codes.html", error, change=change, title=title)
    return CHANGES[change]()


def set_up() -> ResponseReturnValue:
    with database().writing() as session:
        sessions.still_in(session, caller())
        if not second_factors.begin(session, caller().id, codes.sealed(codes.new_secret())):
            flash("An authenticator app is set up already.", "info")
            return redirect(url_for("security.show"), code=303)
    return redirect(url_for("second_factor.show"), code=303)


@bp.get("")
def show() -> ResponseReturnValue:
    """The secret as a picture and in letters, until the first code has come back."""
    _, secret = waiting()
    if secret is None:
        return redirect(url_for("security.show"))
    return render_template("settings/scan.html", errors={}, **picture(secret))


@bp.post("")
@needs(Role.VIEWER)
def confirm() -> ResponseReturnValue:
    sealed, secret = waiting()
    if secret is None:
        flash("The set-up took too long. Begin it anew.")
        return redirect(url_for("security.show"), code=303)
    try:
        with one_try(f"proof:{caller().id}", caller().email):
            step = codes.step_of(secret, request.form.get("code", ""))
            if step is None:
                raise InvalidInput("The app is not set up yet.", fields={"code": WRONG_CODE})
    except (InvalidInput, HaveToWait) as error:
        return refused("settings/scan.html", error, **picture(secret))
    fresh = codes.new_recovery_codes()
    with database().writing() as session:
        sessions.still_in(session, caller())
        if not second_factors.confirm(session, caller().id, sealed, step, codes.hashes_of(fresh)):
            raise NotFound("It was confirmed already, or begun anew elsewhere.")
        kept = changed(session, "second-factor-added")
    sessions.hold(kept)
    return render_template("settings/recovery_codes.html", codes=fresh, is_new=True)


def waiting() -> tuple[str, str | None]:
    """The secret that waits for its first code, as it is kept and in the clear; None once none does."""
    with database().reading() as session:
        factor = second_factors.waiting(session, caller().id)
    return (factor.secret, codes.unsealed(factor.secret)) if factor is not None else ("", None)


def picture(secret: str) -> dict[str, object]:
    letters = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"letters": letters, "qr": codes.picture_of(codes.address_of(secret, caller().email))}


def renew() -> ResponseReturnValue:
    fresh = codes.new_recovery_codes()
    with database().writing() as session:
        sessions.still_in(session, caller())
        if not second_factors.renew_recovery_codes(session, caller().id, codes.hashes_of(fresh)):
            raise NotFound("There is no authenticator app to have recovery codes for.")
        audit.note(session, "second-factor-added", "recovery codes")
    return render_template("settings/recovery_codes.html", codes=fresh, is_new=False)


def remove() -> ResponseReturnValue:
    with database().writing() as session:
        sessions.still_in(session, caller())
        if not second_factors.remove(session, caller().id):
            raise NotFound("There is no authenticator app to remove.")
        kept = changed(session, "second-factor-removed")
    sessions.hold(kept)
    flash("The authenticator app is removed: your password alone signs you in. Every other browser is signed out.")
    return redirect(url_for("security.show"), code=303)


def changed(session: Session, action: str) -> str:
    """Who was in before the change is out, but for this browser."""
    audit.note(session, action)
    return sessions.end_all_but_here(session, caller())


CHANGES: dict[str, Callable[[], ResponseReturnValue]] = {"set-up": set_up, "recovery": renew, "remove": remove}
