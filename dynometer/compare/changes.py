"""How one result's points differ from another's, with intervals and a limit on false alarms."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dynometer.analysis.student import interval, welch
from dynometer.compare.likeness import Difference
from dynometer.estimate import Estimate
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point

CONFIDENCE = 0.95  # of each point's own interval
FALSE_ALARMS = 0.05  # share of comparisons of equal things in which any point is called different
LEAST_CHANGE = 0.05  # two runs of one machine differ by up to this without a reason (science C.4, G)
LEAST_WINDOWS = 3


class Evidence(StrEnum):
    FASTER = "faster"
    SLOWER = "slower"
    SMALL = "small"  # real, and below what two runs can vouch for
    NONE = "no evidence"
    TOO_FEW = "too few windows"


@dataclass(frozen=True)
class Change:
    """One point in both results; `ratio` is throughput of B over A with its own 95 % interval."""

    point: Point
    a_per_s: Estimate
    b_per_s: Estimate
    ratio: Estimate
    p: float | None  # two-sided, of Welch's test on the logarithms
    p_adjusted: float | None  # Holm, over all points
    evidence: Evidence
    unlike: tuple[str, ...] = ()  # sentences: what was not the same about its windows


@dataclass(frozen=True)
class Comparison:
    """Two results side by side."""

    changes: tuple[Change, ...]
    only_in_a: tuple[Point, ...]
    only_in_b: tuple[Point, ...]
    allowed: tuple[Difference, ...]  # facts in which they differ, by the user's leave

    @property
    def different(self) -> tuple[Change, ...]:
        return tuple(each for each in self.changes if each.evidence in (Evidence.FASTER, Evidence.SLOWER))

    @property
    def verdict(self) -> str:
        """`different`, `no evidence` or `nothing in common`."""
        if not self.changes:
            return "nothing in common"
        return "different" if self.different else "no evidence"


def compare(a: SweepResult, b: SweepResult, allowed: Sequence[Difference] = ()) -> Comparison:
    """B against A, per common point: ratio of geometric means by Welch's t, false alarms limited by Holm's step-down.

    A point is called faster or slower when its adjusted p is below 5 % and it changed by at least 5 %; so equal things
    are called different in at most 5 % of comparisons, however many points there are.
    Sources: B. L. Welch, Biometrika 34 (1947); S. Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    in_a, in_b = _throughputs(a), _throughputs(b)
    points = [point for point in in_a if point in in_b]
    raw = [replace(_change(point, in_a[point], in_b[point]), unlike=_unlike(point, a, b)) for point in points]
    return Comparison(
        changes=_judged(raw), allowed=tuple(allowed),
        only_in_a=tuple(point for point in in_a if point not in in_b),
        only_in_b=tuple(point for point in in_b if point not in in_a),
    )


def _unlike(point: Point, a: SweepResult, b: SweepResult) -> tuple[str, ...]:
    """Chunks and samples: other ones may change a throughput by themselves."""
    said = []
    for name, words in (("chunk", "chunks of {} items in A and of {} in B"), ("sample", "{} items in A and {} in B")):
        in_a, in_b = ({getattr(trial, name) for trial in result.trials if trial.point == point and trial.is_accepted}
                      for result in (a, b))
        if in_a != in_b and 0 not in in_a | in_b:  # 0: a result from before samples were kept
            said.append(words.format(*(" or ".join(map(str, sorted(sizes))) for sizes in (in_a, in_b))))
    return tuple(said)


def _throughputs(result: SweepResult) -> dict[Point, list[float]]:
    found: dict[Point, list[float]] = {}
    for trial in result.trials:
        if trial.is_accepted:
            found.setdefault(trial.point, []).append(trial.throughput_per_s)
    return {point: found[point] for point in dict.fromkeys((*result.plan.points, *found)) if point in found}


def _change(point: Point, a: Sequence[float], b: Sequence[float]) -> Change:
    difference = welch(b, a)
    if min(len(a), len(b)) < LEAST_WINDOWS:
        unknown = Estimate(difference.ratio.value, 0.0, math.inf)
        return Change(point, interval(a), interval(b), unknown, None, None, Evidence.TOO_FEW)
    return Change(point, interval(a), interval(b), difference.ratio, difference.p, None, Evidence.NONE)


def _judged(changes: Sequence[Change]) -> tuple[Change, ...]:
    """With Holm's adjusted p: the k-th smallest of m counts (m - k + 1)-fold, and never less than the one before."""
    testable = sorted((change.p, index) for index, change in enumerate(changes) if change.p is not None)
    judged, highest = list(changes), 0.0
    for rank, (p, index) in enumerate(testable):
        highest = max(highest, min(1.0, p * (len(testable) - rank)))
        judged[index] = replace(changes[index], p_adjusted=highest, evidence=_evidence(changes[index].ratio, highest))
    return tuple(judged)


def _evidence(ratio: Estimate, p_adjusted: float) -> Evidence:
    if p_adjusted >= FALSE_ALARMS:
        return Evidence.NONE
    if abs(ratio.value - 1) < LEAST_CHANGE:
        return Evidence.SMALL
    return Evidence.FASTER if ratio.value > 1 else Evidence.SLOWER
