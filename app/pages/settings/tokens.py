"""API tokens of one's own: made, shown once, revoked."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import once, sessions, typed
from app.access import Role, caller, hash_token, needs
from app.current import database
from app.own_tokens import make_token, revoke_token, scopes
from app.pages.settings.shell import section_blueprint
from app.proof import prove
from app.tries import HaveToWait
from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import DoesNotFit
from store import tokens
from store.accounts import TOKEN_MARK

bp = section_blueprint("tokens")
EXPIRIES = {7: "7 days", 30: "30 days", 90: "90 days", 365: "a year"}
START = {"scope": "run", "days": "90"}
USED_FORM = "This form was used already: its token was shown then, and is not shown again."


@bp.get("/tokens")
def show() -> ResponseReturnValue:
    return page({**START, "form": once.new_form()})


@bp.post("/tokens")
@needs(Role.VIEWER)
def make() -> ResponseReturnValue:
    """The secret is in this answer and nowhere else."""
    form = request.form.to_dict()
    try:
        made = secret_for(form)
    except InvalidInput as error:
        return page(form, problem=error), 422
    except HaveToWait as error:
        return page(form, problem=error), 429, {"Retry-After": str(error.retry_after_s)}
    return page({**START, "form": once.new_form()}, made=made, name=form["name"].strip()), 201


@bp.post("/tokens/<id:token_id>/revoke")
@needs(Role.VIEWER)
def revoke(token_id: int) -> ResponseReturnValue:
    with database().writing() as session:
        revoke_token(session, token_id)
    return redirect(url_for("tokens.show"), code=303)


def secret_for(form: dict[str, str]) -> str:
    """The token that this form leads to, made unless it was a moment ago.  Raises InvalidInput, HaveToWait."""
    name, scope, days = read(form)
    prove(caller(), form.pop("password", ""))
    secret = once.secret_of(form.get("form", ""), "token", caller().id)
    with database().writing() as session:
        sessions.still_in(session, caller())  # and of two presses the second finds what the first one made
        is_fresh = tokens.is_token_younger(session, hash_token(TOKEN_MARK + secret), once.SHOWN_FOR_S)
        if is_fresh is False:
            form["form"] = once.new_form()
            raise InvalidInput(USED_FORM, hint="Send it once more for another token, or revoke the one below.")
        return TOKEN_MARK + secret if is_fresh else make_token(session, name, scope, days, secret)


def read(form: dict[str, str]) -> tuple[str, str, int]:
    """(name, scope, days).  Raises InvalidInput."""
    wrong, name = {}, ""
    try:
        name = typed.line(form.get("name", ""), 1, 100)
    except DoesNotFit as error:
        wrong["name"] = str(error)
    if form.get("scope") not in scopes():
        wrong["scope"] = "must be one of those listed"
    if form.get("days", "") not in map(str, EXPIRIES):
        wrong["days"] = "must be one of those listed"
    if wrong:
        raise InvalidInput("No token was made; what you typed is kept.", fields=wrong)
    return name, form["scope"], int(form["days"])


def page(form: dict[str, str], **more: Any) -> str:
    with database().reading() as session:
        listed = tokens.tokens_of(session, caller().id)
    problem = more.get("problem")
    return render_template(
        "settings/tokens.html", form=form, listed=listed, scopes=scopes(), expiries=EXPIRIES,
        errors=getattr(problem, "fields", {}), **more,
    )  # fmt: skip
