"""What the page of a job or a sweep polls by links that many may share: the same bytes for all who hold one.

app/fragment_links.py makes the links.
"""

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import fragment_links
from app.pages import charts, job_page, picture, sweep_page

bp = Blueprint("shared_live", __name__)
FOR_A_SECOND = "public, max-age=1"
# only for a cache of ours: a browser would show its watcher the second before last.  Longer than a web node may take to
# start again; without an end, a link that is over would go on in a cache that hears nothing new
WHILE_UPDATING = ", stale-while-revalidate=60"


@bp.get("/live/jobs/<id:job_id>")
def fragment(job_id: int) -> ResponseReturnValue:
    """A link that is over leads to the fragment that asks who is there; that one brings a new link."""
    if not is_opened(job_id):
        return redirect(url_for("job.live", job_id=job_id))
    return shared(make_response(job_page.live(job_id)))


@bp.get("/live/jobs/<id:job_id>/series")
def series(job_id: int) -> ResponseReturnValue:
    """By cursors that all who ask within a second share (tasks/throughput.py)."""
    return shared(make_response(charts.series(job_id))) if is_opened(job_id) else abort(404)


@bp.get("/live/jobs/<id:job_id>/tiles")
def tiles(job_id: int) -> ResponseReturnValue:
    """By cursors that all who ask within a second share (app/paint.py)."""
    return shared(make_response(picture.tiles(job_id))) if is_opened(job_id) else abort(404)


@bp.get("/live/sweeps/<id:sweep_id>")
def sweep_fragment(sweep_id: int) -> ResponseReturnValue:
    """As that of a job."""
    if not is_opened(sweep_id, fragment_links.SWEEP):
        return redirect(url_for("sweep.live", sweep_id=sweep_id))
    return shared(make_response(sweep_page.live(sweep_id)))


def is_opened(row_id: int, kind: str = fragment_links.JOB) -> bool:
    if is_valid := fragment_links.is_valid(row_id, request.args.get("key", ""), kind):
        fragment_links.open_by_link(row_id, kind)
    return is_valid


def shared(response: Response) -> Response:
    """For every cache; it hears nothing of who asks (fragment_links.ForNobody)."""
    response.headers["Cache-Control"] = FOR_A_SECOND + (WHILE_UPDATING if "X-Micro-Cache" in request.headers else "")
    return response
