"""What runs, what ended, how large the fleet is, and what to do next."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.current import database
from app.job_view import job_rows
from store import jobs, nodes

bp = Blueprint("overview", __name__)
NEWEST = 8


@bp.get("/")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        rows = job_rows(session, jobs.newest_jobs(session, visible_owner(), NEWEST))
        workers, web = nodes.alive_nodes(session), nodes.alive_nodes(session, "web")
    return render_template("overview.html", rows=rows, workers=workers, web=web)
