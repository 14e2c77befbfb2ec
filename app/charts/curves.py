"""What of a report a chart draws: at most six curves, each with a look of its own, and their points as numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.palette import SERIES
from dynometer.advice.facts import Curve
from dynometer.advice.options import SINGLE
from dynometer.measure.trial import Setback
from dynometer.report.report import Report
from dynometer.summary.points import PointSummary

MOST = len(SERIES)  # curves at once


@dataclass(frozen=True)
class Drawn:
    """One curve: a variant under a model."""

    model: str
    variant: str
    series: int  # its place in the palette; -1: not shown
    points: tuple[PointSummary, ...]  # by rising workers
    setbacks: tuple[Setback, ...]
    fitted: Curve | None  # None: no window of it counts
    short: str  # its name at the end of its line: the variant only where it is not the baseline's

    @property
    def key(self) -> str:
        """What `hidden` and addresses call it."""
        return f"{self.model}/{self.variant}"

    @property
    def name(self) -> str:
        return f"{self.model} ({self.variant})"

    @property
    def is_single(self) -> bool:
        """Whether there are no workers to add."""
        return self.model in SINGLE

    @property
    def is_shown(self) -> bool:
        return self.series >= 0


def curves_of(report: Report, hidden: Collection[str] = ()) -> tuple[Drawn, ...]:
    """All curves in the order of the plan: those with a `series` are shown.

    Not more than six are: the baseline and the fastest of those that are not `hidden`.  A curve keeps its colour
    whatever else is hidden, as far as six colours last.
    """
    base = report.result.plan.baseline
    found = [_drawn(report, *each, base.variant) for each in _names(report)]
    wanted = [curve for curve in found if curve.key not in hidden]

    def rank(curve: Drawn) -> tuple[bool, float]:
        return (curve.model, curve.variant) != (base.model, base.variant), _slowness(curve)

    chosen = sorted(wanted, key=rank)[:MOST]
    looks = _looks(found, {curve.key for curve in chosen})
    return tuple(replace(curve, series=looks.get(curve.key, -1)) for curve in found)


def legend(report: Report, hidden: Collection[str] = ()) -> list[dict[str, object]]:
    """Of all curves, for a page's own legend and its switches."""
    return [{"key": curve.key, "name": curve.name, "series": curve.series + 1, "is_shown": curve.is_shown,
             "is_hidden": curve.key in hidden, "marker": SERIES[curve.series].marker if curve.is_shown else ""}
            for curve in curves_of(report, hidden)]  # fmt: skip


def _names(report: Report) -> list[tuple[str, str]]:
    result = report.result
    points = (*result.plan.points, *(setback.point for setback in (*result.plan.setbacks, *result.setbacks)))
    measured = (summary.point for summary in report.summary.points)
    return list(dict.fromkeys((point.model, point.variant) for point in (*points, *measured)))


def _drawn(report: Report, model: str, variant: str, base_variant: str) -> Drawn:
    name = (model, variant)
    points = [each for each in report.summary.points if (each.point.model, each.point.variant) == name]
    setbacks = [each for each in report.result.setbacks if (each.point.model, each.point.variant) == name]
    fitted = next((each for each in report.summary.facts.curves if (each.model, each.variant) == name), None)
    return Drawn(
        model, variant, -1, tuple(sorted(points, key=lambda each: each.point.workers)), tuple(setbacks), fitted,
        model if variant == base_variant else f"{model} ({variant})",
    )  # fmt: skip


def _slowness(curve: Drawn) -> float:
    return -max((each.throughput_per_s.value for each in curve.points if each.throughput_per_s), default=0.0)


def _looks(found: Sequence[Drawn], chosen: Collection[str]) -> dict[str, int]:
    """Key -> place in the palette: that of the curve in the plan, else one that is free."""
    free, looks = list(range(MOST)), {}
    wanted = [(place, curve.key) for place, curve in enumerate(found) if curve.key in chosen]
    for place, key in wanted:
        if place < MOST:
            looks[key] = place
            free.remove(place)
    for _, key in wanted:
        if key not in looks:
            looks[key] = free.pop(0)
    return looks
