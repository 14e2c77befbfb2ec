"""A job's live fragment by a link that many may share (app/fragment_links.py): the same bytes for all who hold it."""

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import fragment_links
from app.pages import job_page

bp = Blueprint("shared_live", __name__)
FOR_A_SECOND = "public, max-age=1"
# only for a cache of ours: a browser would show its watcher the second before last.  Without an end, a link that is
# over would go on in a cache that hears nothing new
WHILE_UPDATING = ", stale-while-revalidate=10"


@bp.get("/live/jobs/<id:job_id>")
def fragment(job_id: int) -> ResponseReturnValue:
    """A link that is over leads to the fragment that asks who is there; that one brings a new link."""
    if not fragment_links.is_valid(job_id, request.args.get("key", "")):
        return redirect(url_for("job.live", job_id=job_id))
    fragment_links.open_by_link(job_id)
    return shared(make_response(job_page.live(job_id)))


def shared(response: Response) -> Response:
    """For every cache; it hears nothing of who asks (fragment_links.ForNobody)."""
    response.headers["Cache-Control"] = FOR_A_SECOND + (WHILE_UPDATING if "X-Micro-Cache" in request.headers else "")
    return response
