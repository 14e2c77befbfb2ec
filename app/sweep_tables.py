"""Stand-in until the charts bring it."""

from dataclasses import dataclass

from dynometer.measure.result import SweepResult
from dynometer.report.report import Report
from dynometer.wording import figure, interval, times


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def points_table(report: Report) -> Table:
    rows = []
    for point in report.summary.points:
        x, gain = point.throughput_per_s, point.speedup
        rows.append((point.point.model, point.point.variant, str(point.point.workers),
                     "-" if x is None else figure(x.value), "" if x is None else interval(x, figure),
                     "-" if gain is None else times(gain.value), "" if gain is None else interval(gain), point.grade))
    return Table(("Model", "Variant", "Workers", "Items/s", "95 %", "Speed-up", "95 %", "Grade"), rows)


def windows_table(result: SweepResult) -> Table:
    return Table(("Model", "Items/s"), [(t.point.model, figure(t.throughput_per_s)) for t in result.trials])
