"""What must be said beside a chart of curves."""

from collections.abc import Iterator, Sequence

from app.charts.curves import Drawn
from dynometer.report.report import Report
from dynometer.summary.laws import LEAST_COUNTS
from dynometer.wording import counted, listed


def notes(report: Report, curves: Sequence[Drawn], y: str) -> Iterator[str]:
    """Sentences: why there are dots and no line, and what the picture leaves out."""
    if not report.summary.points:
        yield "Nothing is measured yet."
    short: dict[int, list[str]] = {}
    for curve in curves:
        counts = sum(point.throughput_per_s is not None for point in curve.points)
        if 0 < counts < LEAST_COUNTS and not curve.is_single:
            short.setdefault(counts, []).append(curve.name)
    for counts, names in short.items():
        yield f"{listed(names)}: {counted(counts, 'worker count')}; a law needs three, so dots and no line."
    base = report.result.plan.baseline
    is_without = not any(point.speedup for point in report.summary.points)
    if y in ("speedup", "efficiency") and is_without and report.summary.points:
        yield (f"There is no speed-up to show: no window of the baseline, {base.model} ({base.variant}), counts. "
               "Throughput needs none.")  # fmt: skip
    if any(curve.points and any(point.accepted == 1 for point in curve.points) for curve in curves):
        yield "Points with one window have no interval."
