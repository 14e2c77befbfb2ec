"""Jobs, newest first."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.current import database
from app.job_view import job_rows
from store import jobs

bp = Blueprint("jobs", __name__)
PAGE = 25


@bp.get("/jobs")
def show() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    with database().reading() as session:
        found = jobs.newest_jobs(session, visible_owner(), PAGE + 1, before if before and before < 2**63 else None)
        rows = job_rows(session, found[:PAGE])
    return render_template("jobs.html", rows=rows, has_more=len(found) > PAGE, is_first=before is None)
