"""Signing in through an OpenID Connect provider: there, and back."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import oidc, signing_in
from app.tries import HaveToWait, one_try
from dynometer.errors import InvalidInput

bp = Blueprint("provider", __name__)


@bp.get("/sign-in/provider")
def leave() -> ResponseReturnValue:
    """By GET, as no form may lead to another site; it changes nothing but the question in the visitor's own cookie."""
    if oidc.provider() is None:
        return redirect(url_for("sign_in.show"))
    try:
        return oidc.question(url_for("provider.back", _external=True))
    except InvalidInput as error:
        return refused(error)


@bp.get("/sign-in/provider/back")
def back() -> ResponseReturnValue:
    """Also opened by links that strangers made: without a question of ours in this browser nothing is done at all."""
    if oidc.provider() is None or not oidc.is_asked(request.args.get("state", "")):
        return redirect(url_for("sign_in.show"))
    try:
        with one_try(""):
            is_in = signing_in.go_on(oidc.account_for(oidc.answer()), "provider")
    except HaveToWait as error:
        return refused(error)
    except InvalidInput as error:
        signing_in.refused("", "provider")
        return refused(error)
    return redirect(url_for("overview.show" if is_in else "second_step.show"), code=303)


def refused(error: InvalidInput | HaveToWait) -> ResponseReturnValue:
    oidc.forget_questions()
    flash(f"{error} {error.hint}".strip(), "bad")
    return redirect(url_for("sign_in.show"), code=303)
