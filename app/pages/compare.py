"""Two sweeps, or two models of one, side by side."""

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access import visible_owner
from app.charts import theme_named, versus
from app.charts.drawing import MIMETYPES, drawn, version_of
from app.conditional import unless_known
from app.current import database
from app.sweep_comparison import asked_from, comparison_of, frame_of
from dynometer.errors import NotFound
from store.sweep_list import newest_sweeps
from store.sweep_models import SweepState

bp = Blueprint("compare", __name__)
OFFERED = 100  # in the lists to choose from
MEASURED = (SweepState.FINISHED, SweepState.CANCELLED)
AXES = ("auto", "linear")


@bp.get("/compare")
def show() -> ResponseReturnValue:
    asked = asked_from(request.args)
    with database().reading() as session:
        offered = [each for each in newest_sweeps(session, visible_owner(), OFFERED, states=MEASURED) if each.windows]
        found = comparison_of(session, asked)
    return render_template("compare.html", asked=asked, offered=offered, found=found)


def chart(*, ending: str) -> ResponseReturnValue:
    """Both sweeps on one chart.  Raises NotFound where they are not compared."""
    with database().reading() as session:
        found = comparison_of(session, asked_from(request.args))
    if found.comparison is None or not found.rows:
        raise NotFound("These two are not compared, so there is nothing to draw.")
    axis, theme = request.args.get("axis", ""), theme_named(request.args.get("theme", ""))
    frame = frame_of(found) if ending != "json" else None
    spec = versus(found.comparison, theme, frame, axis=axis if axis in AXES else "auto")
    version = version_of(spec, ending)
    return unless_known(version, lambda: drawn(spec, ending, version), MIMETYPES[ending])


for ending in MIMETYPES:
    bp.add_url_rule(f"/compare/chart.{ending}", f"chart_{ending}", partial(chart, ending=ending))
