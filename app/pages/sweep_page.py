"""One sweep, from queued to its report, under one URL."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import Role, needs
from app.conditional import unless_known
from app.current import database
from app.start_sweep import cancel_sweep
from app.sweep_report import report_parts
from app.sweep_view import SweepView, sweep_view, visible_sweep
from store.sweep_shares import shares_of

bp = Blueprint("sweep", __name__)
BUSY_S = 60.0  # measured longer than that: a cancel asks first


@bp.get("/sweeps/<id:sweep_id>")
def show(sweep_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
        shares = shares_of(session, sweep_id)
    return render_template("sweep.html", shares=shares, **parts_of(view))


@bp.get("/sweeps/<id:sweep_id>/live")
def live(sweep_id: int) -> ResponseReturnValue:
    """The part of the page that changes; 304 when it did not."""
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    return unless_known(view.etag, lambda: render_template("_sweep_live.html", **parts_of(view)))


def parts_of(view: SweepView) -> dict[str, Any]:
    """What the page and the part of it that changes have in common."""
    return {"view": view, "sweep": view.sweep, "progress": view.progress, **report_parts(view, request.args)}


@bp.get("/sweeps/<id:sweep_id>/cancel")
@needs(Role.RUNNER)
def ask(sweep_id: int) -> ResponseReturnValue:
    """Asks first; a page of its own, so that it needs no script."""
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    if view.sweep.state.is_final:
        return redirect(url_for("sweep.show", sweep_id=sweep_id))
    return render_template("cancel_sweep.html", view=view, sweep=view.sweep, progress=view.progress)


@bp.post("/sweeps/<id:sweep_id>/cancel")
def stop(sweep_id: int) -> ResponseReturnValue:
    """At once while little is at stake, else after a second press on the page that asks."""
    with database().reading() as session:
        sweep = visible_sweep(session, sweep_id)
    if sweep.spent_s > BUSY_S and not sweep.state.is_final and "sure" not in request.form:
        return redirect(url_for("sweep.ask", sweep_id=sweep_id), code=303)
    cancel_sweep(sweep_id)
    return redirect(url_for("sweep.show", sweep_id=sweep_id), code=303)
