"""Signing in through an OpenID Connect provider: there, and back."""

from flask import Blueprint, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue

from app import oidc, signing_in
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
    if oidc.provider() is None:
        return redirect(url_for("sign_in.show"))
    try:
        account = oidc.account_for(oidc.answer())
    except InvalidInput as error:
        signing_in.refused("", "provider")
        return refused(error)
    is_in = signing_in.go_on(account, "provider")
    return redirect(url_for("overview.show" if is_in else "second_step.show"), code=303)


def refused(error: InvalidInput) -> ResponseReturnValue:
    session.clear()
    flash(f"{error} {error.hint}".strip(), "bad")
    return redirect(url_for("sign_in.show"), code=303)
