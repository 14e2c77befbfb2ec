"""What can be computed."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from dynometer.workloads import all_workloads, broken_workloads

bp = Blueprint("workloads", __name__)


@bp.get("/workloads")
def show() -> ResponseReturnValue:
    return render_template("workloads.html", workloads=all_workloads().values(), broken=broken_workloads())
