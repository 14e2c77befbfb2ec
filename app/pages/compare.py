"""Two sweeps, or two models of one, side by side."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.current import database
from app.sweep_comparison import asked_from, comparison_of
from store.sweep_list import newest_sweeps
from store.sweep_models import SweepState

bp = Blueprint("compare", __name__)
OFFERED = 100  # in the lists to choose from
MEASURED = (SweepState.FINISHED, SweepState.CANCELLED)


@bp.get("/compare")
def show() -> ResponseReturnValue:
    asked = asked_from(request.args)
    with database().reading() as session:
        offered = [each for each in newest_sweeps(session, visible_owner(), OFFERED, states=MEASURED) if each.windows]
        found = comparison_of(session, asked)
    return render_template("compare.html", asked=asked, offered=offered, found=found)
