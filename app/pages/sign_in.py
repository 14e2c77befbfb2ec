"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import sessions, signing_in
from app.access import Role, needs
from app.current import database, settings
from app.proof import refuse_tokens
from app.tries import HaveToWait
from dynometer.errors import InvalidInput
from store import people

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        is_first_start = not people.has_admin(session, bool(settings().oidc_issuer))
    return redirect(url_for("setup.show")) if is_first_start else render_template("sign_in.html", form={}, errors={})


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    form, wanted = request.form, request.args.get("next", "")
    try:
        is_in = signing_in.by_password(form.get("email", ""), form.get("password", ""))
    except (InvalidInput, HaveToWait) as error:
        return refused("sign_in.html", error, form=form)
    return redirect(own_page(wanted) if is_in else url_for("second_step.show", next=wanted or None), code=303)


def refused(template: str, error: InvalidInput | HaveToWait, **given: object) -> ResponseReturnValue:
    """The form again, with what was wrong, or how long to wait."""
    errors = error.fields if isinstance(error, InvalidInput) else {}
    page = render_template(template, errors=errors, problem=error, **given)
    if isinstance(error, HaveToWait):
        return page, 429, {"Retry-After": str(error.retry_after_s)}
    return page, 422


@bp.post("/sign-out")
@needs(Role.VIEWER)
def leave() -> ResponseReturnValue:
    refuse_tokens()
    sessions.leave()
    return redirect(url_for("sign_in.show"), code=303)


def own_page(wanted: str) -> str:
    """`wanted` when it is a path of this app, else the overview: a sign-in must not lead to somebody else's site.

    Not parsed, as browsers read what is odd in their own way: a path begins with one slash, and none turns round.
    """
    is_own = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_own else url_for("overview.show")
