"""A sweep's report as files: the same numbers in each of them, as they are the report's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.charts import LIGHT, Theme, scaling
from app.charts.drawing import drawn, version_of
from app.sweep_exports.badge import badge_json, badge_svg
from app.sweep_exports.card import Card, frame_of
from app.sweep_exports.markdown import comparison_markdown, markdown
from app.sweep_exports.page import page
from app.sweep_exports.tidy import points_csv, windows_csv
from dynometer.errors import NotFound
from dynometer.report.as_json import report_json
from dynometer.report.report import Report

__all__ = ["ENDINGS", "Card", "Look", "bytes_of", "comparison_markdown", "ending_of", "file_name", "frame_of"]


@dataclass(frozen=True)
class Look:
    """How a picture looks: what `scaling` takes."""

    theme: Theme = LIGHT
    options: Mapping[str, Any] = field(default_factory=dict)  # y, axis, hidden, parts


@dataclass(frozen=True)
class Ending:
    """One kind of file."""

    mimetype: str
    title: str  # on the page
    make: Callable[[Report, Card, Look], str | bytes]


def picture(ending: str) -> Callable[[Report, Card, Look], bytes]:
    def make(report: Report, card: Card, look: Look) -> bytes:
        frame = frame_of(report, card, look.options.get("y", "speedup"))
        spec = scaling(report, look.theme, frame, **look.options)
        return drawn(spec, ending, version_of(spec, ending))

    return make


ENDINGS: Mapping[str, Ending] = {
    "png": Ending("image/png", "Chart as PNG", picture("png")),
    "svg": Ending("image/svg+xml", "Chart as SVG", picture("svg")),
    "csv": Ending("text/csv", "Points as CSV", lambda report, _, __: points_csv(report)),
    "windows.csv": Ending("text/csv", "Windows as CSV", lambda report, _, __: windows_csv(report)),
    "json": Ending("application/json", "Everything as JSON", lambda report, _, __: report_json(report) + "\n"),
    "html": Ending("text/html", "Report as one HTML file", lambda report, card, _: page(report, card)),
    "md": Ending("text/markdown", "Markdown for a pull request", lambda report, card, _: markdown(report, card)),
    "badge.svg": Ending("image/svg+xml", "Badge", lambda report, _, __: badge_svg(report)),
    "badge.json": Ending("application/json", "Badge for shields.io", lambda report, _, __: badge_json(report)),
}


def ending_of(name: str) -> Ending:
    """Raises NotFound."""
    if name not in ENDINGS:
        raise NotFound(f"There is no export {name[:20]!a}.", hint=f"There are {', '.join(ENDINGS)}.")
    return ENDINGS[name]


def bytes_of(report: Report, ending: str, card: Card, look: Look | None = None) -> bytes:
    """The file's content.  Raises NotFound on an ending that there is not; pictures may answer 503 in a rush."""
    made = ending_of(ending).make(report, card, look or Look())
    return made if isinstance(made, bytes) else made.encode()


def file_name(card: Card, ending: str) -> str:
    """In letters that every file system and header takes."""
    return f"{card.slug}.{ending}"
