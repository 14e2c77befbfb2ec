"""The rows behind a chart of curves: points with words for a screen reader, laws with their bands, setbacks."""

import math
from collections.abc import Iterator, Sequence

from app.charts.curves import Drawn
from app.charts.measures import Measure, mean_ratio, words
from app.charts.theme import Spec
from dynometer.analysis.choice import Choice
from dynometer.analysis.forecast import forecast
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Trial
from dynometer.summary.laws import LEAST_COUNTS
from dynometer.summary.points import PointSummary
from dynometer.wording import counted, is_unknown, listed

HOLLOW = ("C", "invalid")  # grades
STEPS = 32  # of a law's line
REACH = 1.5  # times the most workers, as far as forecasts go


def point_rows(curve: Drawn, measure: Measure, nodes: dict[Point, str]) -> Iterator[Spec]:
    """One for each point with a value; `label` is what is announced of it."""
    for point in curve.points:
        found = measure.of(point)
        if found is None:
            continue
        row = {"curve": curve.name, "key": curve.key, "workers": point.point.workers, "value": found.value}
        row |= {"low": None, "high": None} if is_bare(found) else {"low": found.low, "high": found.high}
        on = nodes.get(point.point, "")
        row |= {"grade": point.grade, "is_hollow": is_hollow(curve, point), "nodes": on}
        yield row | {"label": label(curve, point, words(measure, found), on)}


def label(curve: Drawn, point: PointSummary, said: str, on: str) -> str:
    """pool (python) with 2 workers: 1.97x, 1.93 to 2.01, grade B"""
    with_nodes = f" on {on}" if on else ""
    lost = f", {counted(point.rejected, 'window')} rejected" if point.rejected else ""
    set_back = next((f", {each.standing} later" for each in curve.setbacks if each.point == point.point), "")
    return (f"{curve.name} with {counted(point.point.workers, 'worker')}{with_nodes}: {said}, "
            f"grade {point.grade}{lost}{set_back}")  # fmt: skip


def is_hollow(curve: Drawn, point: PointSummary) -> bool:
    """Whether it is doubtful: grade C, or it failed after some windows."""
    return point.grade in HOLLOW or any(each.point == point.point for each in curve.setbacks)


def is_bare(estimate: Estimate) -> bool:
    """Whether there is no interval to draw: the baseline over itself, or one window."""
    return estimate.low == estimate.high or is_unknown(estimate)


def nodes_of(trials: Sequence[Trial]) -> dict[Point, str]:
    """Point -> on how many worker nodes it ran, where it was the fleet that did."""
    seen: dict[Point, set[int]] = {}
    for trial in trials:
        if (nodes := trial.nodes) is not None:
            seen.setdefault(trial.point, set()).add(nodes)
    return {point: f"{' or '.join(map(str, sorted(counts)))} node{'s' if max(counts) != 1 else ''}"
            for point, counts in seen.items()}  # fmt: skip


def law_rows(curve: Drawn, measure: Measure, upto: float) -> Iterator[Spec]:
    """The law from the least to the most workers it holds for, and where it may be extrapolated.

    Speed-ups are paired within blocks, throughputs are not: the law goes through the points as they are drawn.
    """
    law = curve.fitted.law if curve.fitted else None
    pairs = [(found.value, measure.of_throughput(point.throughput_per_s, point.point.workers).value)
             for point in curve.points if point.throughput_per_s and (found := measure.of(point))]  # fmt: skip
    if law is None or law.fit is None or not pairs:
        return
    factor = mean_ratio(pairs)
    for workers in grid(law, law.fit.least_workers, upto):
        told = forecast(law, workers)
        if told.throughput is None:
            continue
        found = measure.of_throughput(told.throughput, workers)
        row = {"curve": curve.name, "workers": workers, "value": found.value * factor, "standing": told.standing}
        yield row | ({"low": None, "high": None} if is_bare(found)
                     else {"low": found.low * factor, "high": found.high * factor})  # fmt: skip


def grid(law: Choice, least: float, most: float) -> list[float]:
    """Even steps of the logarithmic axis, and where the law may have a corner or an end."""
    reach = math.log(most / least) if most > least else 0.0
    steps = {least * math.exp(reach * step / STEPS) for step in range(STEPS + 1)}
    corners = [law.fit.most_workers, law.fit.cores] if law.fit else []
    return sorted(steps | {corner for corner in corners if corner and least <= corner <= most})


def path_rows(curve: Drawn, points: Sequence[Spec]) -> Iterator[Spec]:
    """Straight lines between the points of a curve that no law covers; none below three worker counts."""
    if len(points) < LEAST_COUNTS:
        return
    fit = curve.fitted.law.fit if curve.fitted and curve.fitted.law else None
    covered = fit.most_workers if fit else 0.0
    rest = [row for row in points if row["workers"] >= covered]
    yield from ({"curve": row["curve"], "workers": row["workers"], "value": row["value"]} for row in rest)


def reach_of(curves: Sequence[Drawn], most: float) -> float:
    """How far the x axis goes: beyond the most measured workers only where a law may be extrapolated."""
    laws = [curve.fitted.law for curve in curves if curve.fitted and curve.fitted.law]
    far = REACH * most
    ends = [(law, min(far, law.cores) if law.cores and law.cores > most else far) for law in laws]
    return max([most, *(end for law, end in ends if forecast(law, end).standing == "extrapolated")])


def lost_rows(curves: Sequence[Drawn]) -> Iterator[Spec]:
    """One for each number of workers at which points have no value: who they are, and why."""
    found: dict[int, dict[str, list[str]]] = {}
    for curve in curves:
        valued = {point.point for point in curve.points if point.throughput_per_s}
        for point in curve.points:
            if point.throughput_per_s is None:
                reason = point.rejections[0] if point.rejections else "No window counts."
                found.setdefault(point.point.workers, {}).setdefault(f"rejected: {reason}", []).append(curve.name)
        for setback in curve.setbacks:
            if setback.point not in valued:
                said = f"{setback.standing}: {setback.reason}"
                found.setdefault(setback.point.workers, {}).setdefault(said, []).append(curve.name)
    for workers, reasons in sorted(found.items()):
        names = list(dict.fromkeys(name for each in reasons.values() for name in each))
        said = "; ".join(f"{listed(each)} {reason}" for reason, each in reasons.items())
        yield {
            "workers": workers, "short": names[0] if len(names) == 1 else f"{len(names)} points",
            "names": listed(names), "reason": " ".join(reasons) if len(names) == 1 else said,
            "label": f"With {counted(workers, 'worker')}, not measured: {said}",
        }  # fmt: skip
