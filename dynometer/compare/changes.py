"""How one result's points differ from another's, with intervals and a limit on false alarms."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dynometer.compare.likeness import Difference
from dynometer.estimate import Estimate
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point
from dynometer.summary.estimates import geometric_mean

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
    logs_a, logs_b = _logs(a), _logs(b)
    points = [point for point in logs_a if point in logs_b]
    raw = [replace(_change(point, logs_a[point], logs_b[point]), unlike=_unlike(point, a, b)) for point in points]
    return Comparison(
        changes=_judged(raw), allowed=tuple(allowed),
        only_in_a=tuple(point for point in logs_a if point not in logs_b),
        only_in_b=tuple(point for point in logs_b if point not in logs_a),
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


def _logs(result: SweepResult) -> dict[Point, list[float]]:
    found: dict[Point, list[float]] = {}
    for trial in result.trials:
        if trial.is_accepted:
            found.setdefault(trial.point, []).append(math.log(trial.throughput_per_s))
    return {point: found[point] for point in dict.fromkeys((*result.plan.points, *found)) if point in found}


def _change(point: Point, a: Sequence[float], b: Sequence[float]) -> Change:
    a_per_s, b_per_s = (geometric_mean([math.exp(log) for log in logs]) for logs in (a, b))
    difference = math.log(b_per_s.value / a_per_s.value)
    if min(len(a), len(b)) < LEAST_WINDOWS:
        unknown = Estimate(math.exp(difference), 0.0, math.inf)
        return Change(point, a_per_s, b_per_s, unknown, None, None, Evidence.TOO_FEW)
    half, p = welch(a, b)
    ratio = Estimate(math.exp(difference), math.exp(difference - half), math.exp(difference + half))
    return Change(point, a_per_s, b_per_s, ratio, p, None, Evidence.NONE)


def welch(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """Half-width of the 95 % interval of mean(b) - mean(a), and the two-sided p of no difference."""
    from scipy.special import stdtr, stdtrit  # a tenth of the import time of scipy.stats

    share_a, share_b = _variance(a) / len(a), _variance(b) / len(b)
    difference, variance = math.fsum(b) / len(b) - math.fsum(a) / len(a), share_a + share_b
    if variance == 0:
        return 0.0, 1.0 if difference == 0 else 0.0
    freedom = variance**2 / (share_a**2 / (len(a) - 1) + share_b**2 / (len(b) - 1))
    error = math.sqrt(variance)
    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2)) * error, 2 * float(stdtr(freedom, -abs(difference) / error))


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


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
