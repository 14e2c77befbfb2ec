"""One job, from queued to its verdict, under one URL."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import Role, needs
from app.cancel import cancel
from app.conditional import unless_known
from app.current import database
from app.job_report import report_of
from app.job_series import series_table
from app.job_view import JobView, age_of, job_view, visible_job
from tasks.throughput import NOTHING, Throughput, throughput_of, told_apart

bp = Blueprint("job", __name__)
ASKS_AFTER_S = 60.0


@bp.get("/jobs/<id:job_id>")
def show(job_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        view = job_view(session, job_id)
        found = throughput_of(session, view.job, elapsed_s=view.progress.elapsed_s)
    return render_template("job.html", **parts_of(view, found))


@bp.get("/jobs/<id:job_id>/live")
def live(job_id: int) -> ResponseReturnValue:
    """The part of the page that changes; 304 when it did not."""
    with database().reading() as session:
        view = job_view(session, job_id)
    return unless_known(view.etag, lambda: render_template("_live.html", **parts_of(view)))


def parts_of(view: JobView, found: Throughput = NOTHING) -> dict[str, Any]:
    """What the page and the part of it that changes have in common; the page keeps the table that it has."""
    nodes, _ = told_apart({share.node for share in view.progress.shares})
    by_node = request.args.get("by") == "node"
    return {
        "view": view, "report": report_of(view), "table": series_table(found), "chart_nodes": found.nodes,
        "nodes": nodes, "by_node": by_node, "size": view.picture_size,
    }  # fmt: skip


@bp.get("/jobs/<id:job_id>/cancel")
@needs(Role.RUNNER)
def ask(job_id: int) -> ResponseReturnValue:
    """Asks first; a page of its own, so that it needs no script."""
    with database().reading() as session:
        view = job_view(session, job_id)
    if view.job.state.is_final:
        return redirect(url_for("job.show", job_id=job_id))
    return render_template("cancel.html", view=view)


@bp.post("/jobs/<id:job_id>/cancel")
def stop(job_id: int) -> ResponseReturnValue:
    """At once while little is at stake, else after a second press on the page that asks."""
    with database().reading() as session:
        age_s = age_of(session, visible_job(session, job_id))
    if age_s > ASKS_AFTER_S and "sure" not in request.form:
        return redirect(url_for("job.ask", job_id=job_id), code=303)
    cancel(job_id)
    return redirect(url_for("job.show", job_id=job_id), code=303)
