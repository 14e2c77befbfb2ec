"""What runs, what ended, how large the fleet is, and what to do next."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.current import database
from app.job_view import job_rows
from app.next_step import next_step
from dynometer.workloads import all_workloads
from store import jobs
from store.pulse import pulse

bp = Blueprint("overview", __name__)
NEWEST = 8


@bp.get("/")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        rows = job_rows(session, jobs.newest_jobs(session, visible_owner(), NEWEST))
        g.pulse = pulse(session)
    step = next_step(rows, g.pulse, all_workloads()) if rows else None
    return render_template("overview.html", rows=rows, fleet=g.pulse, step=step)
