"""The first start: a one-time code makes the first administrator."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.current import database, settings
from app.first_admin import make_first_admin
from dynometer.errors import InvalidInput
from store import people

bp = Blueprint("setup", __name__)


@bp.get("/setup")
def show() -> ResponseReturnValue:
    """The code is in the URL's fragment, which never leaves the browser."""
    with database().reading() as session:
        is_over = people.has_admin(session, bool(settings().oidc_issuer))
    return redirect(url_for("sign_in.show")) if is_over else render_template("setup.html", form={}, errors={})


@bp.post("/setup")
def create() -> ResponseReturnValue:
    form = request.form
    try:
        make_first_admin(form.get("code", ""), form.get("email", ""), form.get("password", ""), form.get("again", ""))
    except InvalidInput as error:
        return render_template("setup.html", form=form, errors=error.fields, problem=error), 422
    return redirect(url_for("overview.show"), code=303)
