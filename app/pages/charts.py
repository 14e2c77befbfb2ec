"""The charts of a job: as specs for the browser, and drawn for exports and for pages without script."""

from functools import partial

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.charts import Frame, Spec, shares, theme_named, throughput
from app.charts.drawing import MIMETYPES, drawn, drawn_lately, version_of
from app.conditional import unless_known
from app.current import database
from app.job_series import series_answer
from app.job_view import JobView, job_view
from app.words import clock, duration, plural, rate
from tasks.throughput import throughput_of

bp = Blueprint("charts", __name__)
CHARTS = ("throughput", "shares")


@bp.get("/jobs/<id:job_id>/series")
def series(job_id: int) -> ResponseReturnValue:
    """What feeds the chart while the job runs."""
    return series_answer(job_id, request.args.get("since", ""))


def show(job_id: int, *, chart: str, ending: str) -> ResponseReturnValue:
    view, spec = spec_of(job_id, chart, is_framed=ending != "json")
    is_changing = ending != "json" and not view.job.state.is_final
    theme = theme_named(request.args.get("theme", "")).name
    name = (job_id, view.job.created_at, chart, ending, theme) if is_changing else None
    version = (name and drawn_lately(name)) or version_of(spec, ending)
    response = unless_known(version, lambda: drawn(spec, ending, version, name), MIMETYPES[ending])
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="job-{job_id}-{chart}.{ending}"'
    return response


for chart in CHARTS:
    for ending in MIMETYPES:
        view = partial(show, chart=chart, ending=ending)
        bp.add_url_rule(f"/jobs/<id:job_id>/{chart}.{ending}", f"{chart}_{ending}", view)


def spec_of(job_id: int, chart: str, *, is_framed: bool) -> tuple[JobView, Spec]:
    theme = theme_named(request.args.get("theme", ""))
    with database().reading() as session:
        view = job_view(session, job_id)
        elapsed_s = view.progress.elapsed_s
        found = throughput_of(session, view.job, elapsed_s=elapsed_s) if chart == "throughput" else None
    frame = frame_of(view, chart) if is_framed else None
    return view, throughput(found, theme, frame) if found else shares(view.progress.shares, theme, frame)


def frame_of(view: JobView, chart: str) -> Frame:
    job, progress = view.job, view.progress
    words = {"throughput": "throughput over time", "shares": "share of each node"}[chart]
    mean = rate(progress.mean_throughput_per_s)
    facts = (
        f"{job.state}: {progress.items_done:,} of {plural(job.items_total, 'item')} in {duration(progress.elapsed_s)}",
        f"{mean} on average", plural(len(progress.shares), "node"),
    )  # fmt: skip
    source = f"Dynometer, {job.workload} ({job.variant}), started {clock(job.created_at)}"
    return Frame(f"{view.title} #{job.id}: {words}", " \N{MIDDLE DOT} ".join(facts), source)
