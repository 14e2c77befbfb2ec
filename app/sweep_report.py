"""A report for its page: how its chart is looked at, and its sentences in sections, the command line's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.charts.curves import curves_of, legend
from app.charts.measures import measure_of
from app.charts.scaling_notes import notes
from app.sweep_links import Links, OwnLinks
from app.sweep_tables import NOTHING, SweepTable, points_table, windows_table
from app.sweep_view import SweepView
from dynometer.report.command import command_of
from dynometer.report.report import Report
from dynometer.report.sections import law_lines, machine_lines, noise_lines, setback_lines
from dynometer.report.tables import remark_lines
from dynometer.report.unmeasured import not_measured
from dynometer.summary.laws import LEAST_COUNTS
from dynometer.summary.noise import spread_of
from tasks.sweep_result import plan_of

METRICS = {"speedup": "Speed-up", "efficiency": "Efficiency", "throughput": "Throughput", "time": "Time"}
AXES = {"auto": "Automatic", "log": "Logarithmic", "linear": "Linear, from zero"}
PARTS = {"ideal": "Ideal", "bands": "Bands", "points": "Points"}
MOST_HIDDEN = 60  # curves that an address may name
LONGEST_KEY = 120
USUAL = {"y": "speedup", "axis": "auto", "off": "", "hide": ""}


@dataclass(frozen=True)
class ChartChoice:
    """How the chart is looked at, as the URL says it; what does not fit is taken for the default."""

    y: str = "speedup"
    axis: str = "auto"
    off: tuple[str, ...] = ()  # parts that are left out
    hidden: tuple[str, ...] = ()  # keys of curves

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in PARTS if part not in self.off)

    def query(self, **changes: str) -> dict[str, str]:
        """Arguments of the URL that shows it so, but for `changes`; defaults are left out."""
        own = {"y": self.y, "axis": self.axis, "off": ",".join(self.off), "hide": ",".join(self.hidden)}
        return {name: value for name, value in (own | changes).items() if value != USUAL.get(name, "")}

    def without(self, part: str) -> dict[str, str]:
        """The same with the part left out; with it, when it is left out now."""
        return self.query(off=",".join(each for each in PARTS if (each in self.off) != (each == part)))

    def hiding(self, key: str) -> dict[str, str]:
        """The same with the curve hidden; with it, when it is hidden now."""
        rest = [each for each in self.hidden if each != key]
        return self.query(hide=",".join(rest if key in self.hidden else [*rest, key]))


def choice_from(given: Mapping[str, str]) -> ChartChoice:
    y, axis = given.get("y", ""), given.get("axis", "")
    off, hidden = given.get("off", "").split(","), given.get("hide", "").split(",")[:MOST_HIDDEN]
    return ChartChoice(
        y if y in METRICS else "speedup", axis if axis in AXES else "auto",
        tuple(part for part in PARTS if part in off), tuple(dict.fromkeys(key for key in hidden if is_key(key))),
    )  # fmt: skip


def is_key(text: str) -> bool:
    return bool(text) and len(text) <= LONGEST_KEY and text.isprintable()


def report_parts(view: SweepView, given: Mapping[str, str], links: Links | None = None) -> dict[str, Any]:
    """For templates; of a sweep without a result, the chart's choice alone."""
    choice, report = choice_from(given), view.report
    found: dict[str, Any] = {
        "report": report, "choice": choice, "metrics": METRICS, "axes": AXES, "chart_parts": PARTS,
        "links": links or OwnLinks(view.sweep.id), "command": command_of(plan_of(view.sweep)),
    }  # fmt: skip
    return found | (sections_of(report, choice) if report else {})


def sections_of(report: Report, choice: ChartChoice) -> dict[str, Any]:
    result = report.result
    shown = [curve for curve in curves_of(report, choice.hidden) if curve.is_shown]
    return {
        "curves": legend(report, choice.hidden), "chart_notes": list(notes(report, shown, choice.y)),
        "table": twin_of(report), "windows": windows_table(report),
        "laws": list(law_lines(report)), "setbacks": list(setback_lines(report)), "noise": list(noise_lines(report)),
        "machine": list(machine_lines(result.environment, result.plan)),
        "unmeasured": list(not_measured(report.summary)), "doubts": list(remark_lines(report.summary)),
        "has_lanes": any(trial.begun_s is not None for trial in result.trials), "spread": spread_of(result),
        "is_short": is_short(report),
    }  # fmt: skip


def twin_of(report: Report) -> SweepTable:
    """Every number of the chart, whichever of its four ways it is looked at in: time too."""
    table, measure = points_table(report), measure_of(report, "time")
    times = [measure.of(point) for point in report.summary.points]
    cells = [measure.say(found.value) if found else NOTHING for found in times]
    cells += [NOTHING] * (len(table.rows) - len(cells))
    at = table.headings.index("Per worker") + 1
    rows = tuple((*row[:at], cell, *row[at:]) for row, cell in zip(table.rows, cells, strict=True))
    return SweepTable((*table.headings[:at], "Time", *table.headings[at:]), rows, table.weak_rows)


def is_short(report: Report) -> bool:
    """Whether no curve has enough worker counts for a law."""
    return all(len(curve.points) < LEAST_COUNTS for curve in report.summary.facts.curves)
