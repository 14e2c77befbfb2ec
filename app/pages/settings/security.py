"""Security: where one is signed in, and what one signs in with beside a password."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import audit, passkeys
from app.access import Role, caller, needs
from app.current import database
from app.proof import refuse_tokens
from dynometer.errors import NotFound
from store import passkeys as keys
from store import second_factors, sign_ins

bp = Blueprint("security", __name__, url_prefix="/settings/security")
bp.before_request(refuse_tokens)


@bp.get("")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        return render_template(
            "settings/security.html",
            own=g.sign_in,
            sign_ins=sign_ins.present_ones(session, caller().id),
            second_factor=second_factors.confirmed(session, caller().id),
            passkeys=keys.passkeys_of(session, caller().id),
            is_nameless=passkeys.is_nameless(),
        )


@bp.post("/sessions/<id:sign_in_id>/end")
@needs(Role.VIEWER)
def end(sign_in_id: int) -> ResponseReturnValue:
    with database().writing() as session:
        if not sign_ins.end(session, caller().id, sign_in_id):
            raise NotFound("You are not signed in there (any more).")
        audit.note(session, "session-ended", f"session {sign_in_id}")
    flash("That browser is signed out.")
    return redirect(url_for("security.show"), code=303)


@bp.post("/sessions/end-others")
@needs(Role.VIEWER)
def end_others() -> ResponseReturnValue:
    with database().writing() as session:
        ended = sign_ins.end_others(session, caller().id, g.sign_in.id)
        audit.note(session, "session-ended", "all others", detail={"sessions": ended})
    flash("Every other browser is signed out.")
    return redirect(url_for("security.show"), code=303)
