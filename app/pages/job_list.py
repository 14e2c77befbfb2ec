"""Jobs: searched, filtered, sorted and paged on the server, all of it in the URL."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access import caller, visible_owner
from app.current import database
from app.job_filters import SORTS, STATES, filters_from
from app.job_view import job_rows
from dynometer.workloads import all_workloads
from store.job_list import COUNTED, count_matches, page_of

bp = Blueprint("jobs", __name__)
PAGE = 25


@bp.get("/jobs")
def show() -> ResponseReturnValue:
    filters, owner_id = filters_from(request.args), visible_owner()
    wanted = filters.wanted(owner_id, caller().id, PAGE)
    with database().reading() as session:
        page, matches = page_of(session, wanted), count_matches(session, wanted)
        rows = job_rows(session, page.jobs)
    return render_template(
        "jobs.html", rows=rows, page=page, matches=matches, counted=COUNTED, filters=filters, states=STATES,
        sorts=SORTS, workloads=all_workloads(), sees_everybody=owner_id is None,
    )  # fmt: skip
