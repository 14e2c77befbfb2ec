"""A report as one HTML file without script: light and dark, to be kept, mailed or opened from a disk."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.charts import DARK, LIGHT, Theme, scaling
from app.charts.curves import curves_of
from app.charts.drawing import drawn, version_of
from app.charts.scaling_notes import notes
from app.sweep_exports.card import Card, facts, frame_of, source
from app.sweep_tables import points_table, windows_table
from dynometer.report import sections
from dynometer.report.command import command_of
from dynometer.report.report import Report
from dynometer.report.tables import remark_lines
from dynometer.report.unmeasured import not_measured

SIZES = ("wide", "narrow")
NARROW_PX = 340
HERE = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                        lstrip_blocks=True)  # fmt: skip


def page(report: Report, card: Card) -> str:
    """Everything its page says."""
    return TEMPLATES.get_template("page.html").render(
        card=card, report=report, facts=facts(report), source=source(report), parts=parts_of(report),
        pictures=[(theme.name, size, picture(report, card, theme, size)) for theme in (LIGHT, DARK) for size in SIZES],
        points=points_table(report),
        windows=windows_table(report), notes=notes_of(report), command=command_of(report.result.plan),
        style=Markup((HERE / "page.css").read_text()),  # noqa: S704 # nosemgrep # nosec B704 - by us
        further=[sentence for sentence in report.details if sentence not in report.verdict],
    )  # fmt: skip


def parts_of(report: Report) -> list[tuple[str, list[str], bool]]:
    """Title, sentences, and whether they are numbered; none without a sentence."""
    environment, plan = report.result.environment, report.result.plan
    found = [
        ("Void, unavailable or failed", sections.setback_lines(report), False),
        ("Laws", sections.law_lines(report), False),
        ("Diagnosis", sections.diagnosis_lines(report), False),
        ("Advice", sections.advice_lines(report), True),
        ("Noise", sections.noise_lines(report), False),
        ("Not measured", not_measured(report.summary), False),
        ("Machine", sections.machine_lines(environment, plan), False),
    ]  # fmt: skip
    return [(title, said, is_numbered) for title, lines, is_numbered in found if (said := list(lines))]


def notes_of(report: Report) -> list[str]:
    shown = [curve for curve in curves_of(report) if curve.is_shown]
    return [*notes(report, shown, "speedup"), *remark_lines(report.summary)]


def picture(report: Report, card: Card, theme: Theme, size: str) -> Markup:
    """The chart as SVG inside the page; its inner names are its own, as several of them share the page."""
    is_narrow = size == "narrow"
    spec = scaling(report, theme, None if is_narrow else frame_of(report, card), width=NARROW_PX if is_narrow else None)
    svg = drawn(spec, "svg", version_of(spec, "svg")).decode()
    own = re.sub(r'(id="|url\(#)(\w+)', rf"\1{theme.name}-{size}-\2", svg)
    return Markup(own)  # noqa: S704 # nosemgrep # nosec B704 - by the renderer: its text is text
