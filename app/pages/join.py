"""Joining by an invitation."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.inviting import join
from dynometer.errors import InvalidInput

bp = Blueprint("join", __name__)


@bp.get("/join")
def show() -> ResponseReturnValue:
    """The code is in the URL's fragment, which never leaves the browser."""
    return render_template("join.html", form={}, errors={})


@bp.post("/join")
def create() -> ResponseReturnValue:
    form = request.form
    try:
        join(form.get("code", ""), form.get("email", ""), form.get("password", ""), form.get("again", ""))
    except InvalidInput as error:
        return render_template("join.html", form=form, errors=error.fields, problem=error), 422
    return redirect(url_for("overview.show"), code=303)
