"""One job, from queued to its verdict, under one URL."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.conditional import unless_known
from app.current import database
from app.job_view import job_view, visible_job
from tasks.jobs import cancel

bp = Blueprint("job", __name__)


@bp.get("/jobs/<id:job_id>")
def show(job_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        view = job_view(session, job_id)
    return render_template("job.html", view=view)


@bp.get("/jobs/<id:job_id>/live")
def live(job_id: int) -> ResponseReturnValue:
    """The part of the page that changes; 304 when it did not."""
    with database().reading() as session:
        view = job_view(session, job_id)
    return unless_known(view.etag, lambda: render_template("_live.html", view=view))


@bp.post("/jobs/<id:job_id>/cancel")
def stop(job_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        visible_job(session, job_id)
    cancel(database(), job_id)
    return redirect(url_for("job.show", job_id=job_id), code=303)
