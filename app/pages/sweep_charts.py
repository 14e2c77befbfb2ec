"""The charts of a sweep: as specs for the browser, and drawn for exports and for pages without script."""

from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.charts import Spec, theme_named
from app.charts.drawing import MIMETYPES, drawn, drawn_lately, version_of
from app.charts.lanes import lanes
from app.charts.scaling import scaling
from app.conditional import unless_known
from app.current import database
from app.sweep_exports import frame_of
from app.sweep_links import own_card
from app.sweep_report import choice_from
from app.sweep_view import SweepView, sweep_view
from dynometer.errors import NotFound

bp = Blueprint("sweep_charts", __name__)
CHARTS = ("scaling", "lanes")
LATELY_S = 60.0  # of the lanes of a sweep that runs
NARROWEST, BROADEST = 280, 1600  # px of a picture that the address may ask for


def show(sweep_id: int, *, chart: str, ending: str) -> ResponseReturnValue:
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    return answered(view, chart, ending)


def answered(view: SweepView, chart: str, ending: str) -> Response:
    """The chart as the URL asks for it.  Raises NotFound before a node has begun."""
    theme = theme_named(request.args.get("theme", "")).name
    spec = spec_of(view, chart, theme, is_framed=ending != "json")
    is_changing = ending != "json" and not view.sweep.state.is_final
    name = (view.sweep.id, view.sweep.created_at, chart, ending, theme, request.query_string) if is_changing else None
    version = (name and drawn_lately(name)) or version_of(spec, ending)
    response = unless_known(version, lambda: drawn(spec, ending, version, name), MIMETYPES[ending])
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="sweep-{view.sweep.id}-{chart}.{ending}"'
    return response


def spec_of(view: SweepView, chart: str, theme_name: str, *, is_framed: bool) -> Spec:
    theme, choice = theme_named(theme_name), choice_from(request.args)
    if view.report is None:
        raise NotFound(f"Sweep {view.sweep.id} has measured nothing yet, so there is nothing to draw.")
    frame = frame_of(view.report, own_card(view), choice.y) if is_framed else None
    if chart == "lanes":
        frame = frame and replace(frame, title=f"{view.sweep.name}: worker lanes")
        last_s = None if view.sweep.state.is_final else LATELY_S
        return lanes(view.report, theme, frame, last_s=last_s, hidden=choice.hidden, width=width_asked())
    return scaling(
        view.report, theme, frame, y=choice.y, axis=choice.axis, hidden=choice.hidden, parts=choice.parts,
        width=width_asked(),
    )  # fmt: skip


def width_asked() -> int | None:
    width = request.args.get("width", type=int)
    return None if width is None else min(max(width, NARROWEST), BROADEST)


for chart in CHARTS:
    for ending in MIMETYPES:
        view = partial(show, chart=chart, ending=ending)
        bp.add_url_rule(f"/sweeps/<id:sweep_id>/{chart}.{ending}", f"{chart}_{ending}", view)
