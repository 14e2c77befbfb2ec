"""A sweep as files, and its badge, for whoever may see it."""

from collections.abc import Mapping
from zlib import crc32

from flask import Response

from app.charts import theme_named
from app.conditional import unless_known
from app.sweep_exports import Card, Look, bytes_of, ending_of, file_name
from app.sweep_report import choice_from
from app.sweep_view import SweepView
from dynometer.errors import NotFound

ON_THE_PAGE = ("png", "svg", "csv", "windows.csv", "json", "html", "md")
BADGE = "badge."


def file_of(view: SweepView, ending: str, card: Card, given: Mapping[str, str]) -> Response:
    """A download; pictures as `given` looks at the chart.  Raises NotFound for an ending that there is none of."""
    if ending not in ON_THE_PAGE:
        raise NotFound(f"There is no export {ending[:20]!a}.")
    response = answer(view, ending, card, given)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(card, ending)}"'
    return response


def badge_of(view: SweepView, ending: str, card: Card) -> Response:
    """As SVG, or as JSON for Shields."""
    if ending not in ("svg", "json"):
        raise NotFound(f"There is no badge {ending[:20]!a}.")
    return answer(view, BADGE + ending, card, {})


def answer(view: SweepView, ending: str, card: Card, given: Mapping[str, str]) -> Response:
    report, choice = view.report, choice_from(given)
    if report is None:
        raise NotFound(f"Sweep {view.sweep.id} has measured nothing yet, so there is nothing to take away.")
    theme = theme_named(given.get("theme", ""))
    look = Look(theme, {"y": choice.y, "axis": choice.axis, "hidden": choice.hidden, "parts": choice.parts})
    version = f"{view.sweep.id}-{view.sweep.version}-{ending}-{theme.name}-{crc32(repr((choice, card)).encode()):08x}"
    return unless_known(version, lambda: bytes_of(report, ending, card, look), ending_of(ending).mimetype)
