"""A sweep's numbers as tables: the twin of a chart, all points, all windows; written as the report writes them."""

from collections.abc import Collection
from dataclasses import dataclass

from app.charts.curves import curves_of
from app.charts.measures import bounds_of, measure_of
from app.charts.rows import is_hollow, lost_rows, nodes_of
from dynometer.compare.as_text import percents
from dynometer.compare.changes import Comparison
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Trial
from dynometer.report.report import Report
from dynometer.summary.points import PointSummary
from dynometer.wording import figure, interval, percent, quantity, seconds, size

NOTHING = "-"
Y_NAMES = {"speedup": "Speed-up", "efficiency": "Efficiency", "throughput": "Items/s", "time": "Time"}


@dataclass(frozen=True)
class SweepTable:
    """Rows under headings; `weak_rows` hold what does not count, or is doubted."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    weak_rows: frozenset[int] = frozenset()


def chart_table(report: Report, y: str = "speedup", hidden: Collection[str] = ()) -> SweepTable:
    """The twin of the chart of `y`: what it draws, row by row; then what has no value, and why."""
    measure, nodes = measure_of(report, y), nodes_of(report.result.trials)
    drawn = [curve for curve in curves_of(report, hidden) if curve.is_shown]
    rows: list[tuple[str, ...]] = []
    weak: set[int] = set()
    for curve in drawn:
        for point in curve.points:
            found = None if y == "efficiency" and curve.is_single else measure.of(point)
            if found is None:
                continue
            if is_hollow(curve, point):
                weak.add(len(rows))
            rows.append((curve.name, str(point.point.workers), measure.say(found.value), bounds_of(measure, found),
                         point.grade, nodes.get(point.point, "")))  # fmt: skip
    for lost in lost_rows([curve for curve in curves_of(report, hidden) if curve.key not in hidden]):
        weak.add(len(rows))
        rows.append((lost["names"], str(lost["workers"]), NOTHING, lost["reason"], NOTHING, ""))
    return trimmed(("Curve", "Workers", Y_NAMES[y], "95 % interval", "Grade", "Nodes"), rows, weak)


def points_table(report: Report) -> SweepTable:
    """Every point with a window, then every one without: the standing in place of the grade."""
    nodes = nodes_of(report.result.trials)
    points = report.summary.points
    rows = [point_cells(point, nodes.get(point.point, "")) for point in points]
    weak = {place for place, point in enumerate(points) if point.grade in ("C", "invalid")}
    seen = {point.point for point in points}
    for setback in report.result.setbacks:
        if setback.point not in seen:
            weak.add(len(rows))
            rows.append((*named(setback.point), *[NOTHING] * 7, str(setback.standing), NOTHING, NOTHING, ""))
    return trimmed(
        ("Model", "Variant", "Workers", "Items/s", "95 % interval", "Speed-up", "95 % interval", "Per worker",
         "Windows", "Rejected", "Grade", "Start-up", "Memory", "Nodes"), rows, weak,
    )  # fmt: skip


def point_cells(point: PointSummary, on: str) -> tuple[str, ...]:
    own = point.efficiency if point.point.workers > 1 else None
    return (
        *named(point.point), *estimate_cells(point.throughput_per_s), *estimate_cells(point.speedup, "x"),
        NOTHING if own is None else quantity(own, "%"), str(point.accepted), str(point.rejected), point.grade,
        NOTHING if point.startup_s is None else seconds(point.startup_s),
        NOTHING if point.memory_pss_bytes is None else size(point.memory_pss_bytes), on,
    )  # fmt: skip


def windows_table(report: Report) -> SweepTable:
    """Every window in the order in which it was measured; what was rejected says why."""
    trials = sorted(report.result.trials, key=lambda trial: (trial.block, trial.place, trial.attempt))
    weak = frozenset(place for place, trial in enumerate(trials) if not trial.is_accepted)
    rows = [window_cells(trial) for trial in trials]
    return trimmed(
        ("Block", "Model", "Variant", "Workers", "Items", "Time", "Items/s", "CPU use", "Start-up", "Counts",
         "Reasons"), rows, weak,
    )  # fmt: skip


def window_cells(trial: Trial) -> tuple[str, ...]:
    again = f"no, attempt {trial.attempt}" if trial.attempt > 1 else "no"
    standing = "yes" if trial.is_accepted and not trial.doubts else "doubted" if trial.is_accepted else again
    return (
        str(trial.block + 1), *named(trial.point), f"{trial.items:,}", seconds(trial.wall_s, is_padded=True),
        figure(trial.throughput_per_s), percent(trial.cpu_s / trial.wall_s) if trial.wall_s else NOTHING,
        seconds(trial.startup_s), standing, " ".join((*trial.rejected, *trial.doubts)),
    )  # fmt: skip


def comparison_table(comparison: Comparison) -> SweepTable:
    """Every point that both have, in the order of the chart."""
    rows = [(*named(change.point), figure(change.a_per_s.value), figure(change.b_per_s.value),
             f"{change.ratio.value - 1:+.1%}", percents(change.ratio),
             NOTHING if change.p_adjusted is None else f"{change.p_adjusted:.2g}", str(change.evidence))
            for change in comparison.changes]  # fmt: skip
    return SweepTable(
        ("Model", "Variant", "Workers", "A items/s", "B items/s", "B over A", "95 % interval", "p (Holm)", "Evidence"),
        tuple(rows),
    )


def named(point: Point) -> tuple[str, str, str]:
    return point.model, point.variant, str(point.workers)


def estimate_cells(estimate: Estimate | None, unit: str = "") -> tuple[str, str]:
    """Value and interval, as the report's own table has them."""
    if estimate is None:
        return NOTHING, NOTHING
    return f"{figure(estimate.value)}{unit}", NOTHING if estimate.low == estimate.high else interval(estimate, figure)


def trimmed(headings: tuple[str, ...], rows: Collection[tuple[str, ...]], weak: Collection[int]) -> SweepTable:
    """Without columns at the end that are empty throughout: the number of nodes, of sweeps on one."""
    while rows and headings and not any(row[-1] for row in rows):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    return SweepTable(headings, tuple(rows), frozenset(weak))
