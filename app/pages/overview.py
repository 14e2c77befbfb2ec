"""This machine's newest curve, what runs, what ended, how large the fleet is, and what to do next."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.current import database
from app.job_view import job_rows
from app.next_step import next_step
from app.sweep_report import report_parts
from app.sweep_rows import sweep_rows
from app.sweep_view import view_of
from dynometer.workloads import all_workloads
from store import jobs
from store.pulse import pulse
from store.sweep_list import newest_sweeps
from store.sweep_models import SweepState

bp = Blueprint("overview", __name__)
NEWEST = 8
WITH_A_CURVE = (SweepState.RUNNING, SweepState.FINISHED, SweepState.CANCELLED)


@bp.get("/")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        rows = job_rows(session, jobs.newest_jobs(session, visible_owner(), NEWEST))
        sweeps = sweep_rows(session, newest_sweeps(session, visible_owner(), NEWEST))
        curves = [row.sweep for row in sweeps if row.sweep.state in WITH_A_CURVE and row.sweep.windows]
        curve = view_of(session, curves[0]) if curves else None
        g.pulse = pulse(session)
    step = next_step(rows, g.pulse, all_workloads()) if rows else None
    parts = report_parts(curve, request.args) if curve else {}
    return render_template("overview.html", rows=rows, sweeps=sweeps, curve=curve, fleet=g.pulse, step=step, **parts)
