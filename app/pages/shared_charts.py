"""The charts of a sweep by its public link."""

from functools import partial

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.charts.drawing import MIMETYPES
from app.pages.shared import for_everybody, view_by
from app.pages.sweep_charts import CHARTS, answered

bp = Blueprint("shared_charts", __name__)


def show(slug: str, *, chart: str, ending: str) -> ResponseReturnValue:
    return for_everybody(answered(view_by(slug), chart, ending))


for chart in CHARTS:
    for ending in MIMETYPES:
        view = partial(show, chart=chart, ending=ending)
        bp.add_url_rule(f"/r/<slug>/{chart}.{ending}", f"{chart}_{ending}", view)
