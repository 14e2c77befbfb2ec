"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import accounts
from app.access import Role, caller, needs
from app.current import database
from dynometer.errors import InvalidInput
from store import people

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        is_first_start = not people.has_admin(session)
    return redirect(url_for("setup.show")) if is_first_start else render_template("sign_in.html", form={}, errors={})


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    form = request.form
    try:
        accounts.sign_in(form.get("email", ""), form.get("password", ""))
    except InvalidInput as error:
        return render_template("sign_in.html", form=form, errors=error.fields, problem=error), 422
    return redirect(own_page(request.args.get("next", "")), code=303)


@bp.post("/sign-out")
@needs(Role.VIEWER)
def leave() -> ResponseReturnValue:
    accounts.sign_out(caller())
    return redirect(url_for("sign_in.show"), code=303)


def own_page(wanted: str) -> str:
    """`wanted` when it is a path of this app, else the overview: a sign-in must not lead to somebody else's site."""
    parts = urlsplit(wanted)
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if is_own and wanted.isprintable() and "\\" not in wanted else url_for("overview.show")
