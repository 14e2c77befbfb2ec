"""A new password by the link of an administrator."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.reset import change_by_code
from dynometer.errors import InvalidInput

bp = Blueprint("reset", __name__)


@bp.get("/reset")
def show() -> ResponseReturnValue:
    """The code is in the URL's fragment, which never leaves the browser."""
    return render_template("reset.html", form={}, errors={})


@bp.post("/reset")
def change() -> ResponseReturnValue:
    """Signs nobody in: the new password is used at once, and a second step is asked for as ever."""
    form = request.form
    try:
        change_by_code(form.get("code", ""), form.get("password", ""), form.get("again", ""))
    except InvalidInput as error:
        return render_template("reset.html", form=form, errors=error.fields, problem=error), 422
    flash("Your password is changed. Sign in with the new one.")
    return redirect(url_for("sign_in.show"), code=303)
