"""A sweep as a file, for whoever may see it."""

from flask import Response

from app.sweep_view import SweepView
from dynometer.errors import NotFound
from dynometer.report.as_json import report_json


def file_of(view: SweepView, ending: str) -> Response:
    """Raises NotFound for an ending that there is none of, and before a node has begun."""
    if view.report is None:
        raise NotFound(f"Sweep {view.sweep.id} has measured nothing yet, so there is nothing to export.")
    if ending != "json":
        raise NotFound("There is no such file of a sweep.")
    return Response(report_json(view.report), mimetype="application/json")


def badge_of(view: SweepView, ending: str) -> Response:
    raise NotFound("There is no badge yet.")
