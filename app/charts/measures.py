"""The four ways to look at a sweep: what stands on the y axis, of points, of laws and of the ideal."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dynometer.estimate import Estimate
from dynometer.measure.trial import Point
from dynometer.report.report import Report
from dynometer.summary.points import PointSummary
from dynometer.wording import figure, interval, quantity, seconds

PLAIN = "format(datum.value, ',.6~g')"  # 30, 0.5; d3 alone would make 3e+1 of the first
Y = ("speedup", "efficiency", "throughput", "time")


@dataclass(frozen=True)
class Measure:
    """One of them, of one report."""

    key: str
    title: str  # of the axis
    words: str  # of a picture's title
    tick: str  # the label of `datum.value` on the axis, as Vega's expression
    of: Callable[[PointSummary], Estimate | None]
    of_throughput: Callable[[Estimate, float], Estimate]  # a law's, with so many workers
    ideal: Callable[[float], float] | None  # workers -> value; None without a baseline
    say: Callable[[float], str]


def measure_of(report: Report, y: str) -> Measure:
    """Raises KeyError unless `y` is one of `Y`."""
    return {"speedup": _speedup, "efficiency": _efficiency, "throughput": _throughput, "time": _time}[y](report)


def first_y(report: Report) -> str:
    """What to show when nobody asked for anything: throughput until the baseline is measured."""
    is_without = bool(report.summary.points) and not any(point.speedup for point in report.summary.points)
    return "throughput" if is_without else "speedup"


def words(measure: Measure, estimate: Estimate) -> str:
    """1.97x, 1.93 to 2.01"""
    said = measure.say(estimate.value)
    return said if estimate.low == estimate.high else f"{said}, {bounds_of(measure, estimate)}"


def bounds_of(measure: Measure, estimate: Estimate) -> str:
    """1.93 to 2.01: without the unit that stands beside the value, unless it may be another one."""
    if estimate.low == estimate.high:
        return "-"
    return interval(estimate, measure.say if measure.key == "time" else lambda bound: bare(measure.say(bound)))


def bare(said: str) -> str:
    return said.partition(" ")[0].rstrip("x")


def baseline_per_s(report: Report) -> float | None:
    found = report.summary.at(report.result.plan.baseline)
    return found.throughput_per_s.value if found and found.throughput_per_s else None


def named(point: Point) -> str:
    return f"{point.model} ({point.variant})"


def _speedup(report: Report) -> Measure:
    return Measure(
        key="speedup", words="speed-up over workers",
        title=f"speed-up over {named(report.result.plan.baseline)}", tick=f"{PLAIN} + 'x'",
        of=lambda point: point.speedup, of_throughput=lambda value, _: value, ideal=lambda workers: workers,
        say=lambda value: f"{figure(value)}x",
    )  # fmt: skip


def _efficiency(report: Report) -> Measure:
    return Measure(
        key="efficiency", words="efficiency over workers",
        title="efficiency: speed-up per worker", tick="format(100 * datum.value, ',.6~g') + ' %'",
        of=lambda point: point.speedup and _over(point.speedup, point.point.workers), of_throughput=_over,
        ideal=lambda _: 1.0, say=lambda value: quantity(value, "%"),
    )  # fmt: skip


def _throughput(report: Report) -> Measure:
    base = baseline_per_s(report)
    return Measure(
        key="throughput", words="throughput over workers",
        title="items per second", tick=f"datum.value < 1 ? {PLAIN} : format(datum.value, '~s')",
        of=lambda point: point.throughput_per_s, of_throughput=lambda value, _: value,
        ideal=None if base is None else lambda workers: base * workers, say=lambda value: f"{figure(value)} items/s",
    )  # fmt: skip


def _time(report: Report) -> Measure:
    base, items = baseline_per_s(report), report.result.plan.items
    return Measure(
        key="time", words="time over workers",
        title="seconds for the item" if items == 1 else f"seconds for {items:,} items", tick=PLAIN,
        of=lambda point: point.throughput_per_s and _for(items, point.throughput_per_s),
        of_throughput=lambda value, _: _for(items, value),
        ideal=None if base is None else lambda workers: items / (base * workers), say=seconds,
    )  # fmt: skip


def _over(value: Estimate, workers: float) -> Estimate:
    return Estimate(value.value / workers, value.low / workers, value.high / workers)


def _for(items: int, per_s: Estimate) -> Estimate:
    return Estimate(items / per_s.value, items / per_s.high, items / per_s.low if per_s.low > 0 else math.inf)


def mean_ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Geometric mean of above / below."""
    return math.exp(math.fsum(math.log(above / below) for above, below in pairs) / len(pairs))
