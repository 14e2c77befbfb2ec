"""How the pages look and which keys they know: kept in the browser, so it needs no account."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.appearance import CHOICES
from app.pages.sign_in import own_page
from dynometer.errors import InvalidInput

bp = Blueprint("appearance", __name__)
A_YEAR_S = 365 * 24 * 3600


@bp.get("/settings/appearance")
def show() -> ResponseReturnValue:
    return render_template("settings/appearance.html")


@bp.post("/appearance")
def choose() -> ResponseReturnValue:
    """Strangers may too: the page where one signs in has a theme."""
    given = {name: request.form[name] for name in CHOICES if name in request.form}
    wrong = {name: f"must be one of {', '.join(CHOICES[name])}" for name in given if given[name] not in CHOICES[name]}
    if wrong:
        raise InvalidInput("Nothing was changed.", fields=wrong)
    answer = redirect(own_page(request.form.get("next", "")), code=303)
    for name, value in given.items():
        lasts_s = 0 if value == CHOICES[name][0] else A_YEAR_S
        answer.set_cookie(name, value, lasts_s, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer
