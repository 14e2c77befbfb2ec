"""The second step of a sign-in: the code of the moment, or one of those for the day the device is lost."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import signing_in
from app.pages.sign_in import own_page, refused
from app.tries import HaveToWait
from dynometer.errors import InvalidInput

bp = Blueprint("second_step", __name__)


@bp.get("/sign-in/code")
def show() -> ResponseReturnValue:
    if signing_in.half_way_in() is None:
        return redirect(url_for("sign_in.show", next=request.args.get("next")))
    return render_template("second_step.html", errors={})


@bp.post("/sign-in/code")
def check() -> ResponseReturnValue:
    account = signing_in.half_way_in()
    if account is None:  # too late, or ended meanwhile
        return redirect(url_for("sign_in.show", next=request.args.get("next")), code=303)
    try:
        signing_in.by_code(account, request.form.get("code", ""))
    except (InvalidInput, HaveToWait) as error:
        return refused("second_step.html", error)
    return redirect(own_page(request.args.get("next", "")), code=303)
