"""Two models of one result against one another, at every number of workers that both have."""

from dataclasses import dataclass, replace

from dynometer.analysis.student import interval, welch
from dynometer.compare.changes import FALSE_ALARMS, LEAST_CHANGE, LEAST_WINDOWS, Evidence
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate
from dynometer.measure.result import SweepResult

Curve = tuple[str, str]  # model, variant


@dataclass(frozen=True)
class Gap:
    """What one model does over what the other does, with so many workers; intervals of 95 %."""

    workers: int
    a_per_s: Estimate
    b_per_s: Estimate
    ratio: Estimate | None  # of B over A; None with fewer than three windows on a side
    p: float | None  # two-sided, of Welch's test on the logarithms
    p_adjusted: float | None  # Holm, over all numbers of workers
    evidence: Evidence


def curves_in(result: SweepResult) -> tuple[Curve, ...]:
    """Those with a window that counts, in the order of the plan."""
    return tuple(dict.fromkeys(curve for curve, _ in _throughputs(result)))


def gaps(result: SweepResult, a: Curve, b: Curve) -> tuple[Gap, ...]:
    """B over A at each number of workers that both were measured with; one that has no workers to add stands at its 1.

    Called faster or slower only when the p that Holm adjusted is below 5 % and they differ by 5 %.
    Sources: B. L. Welch, Biometrika 34 (1947); S. Holm, Scandinavian Journal of Statistics 6 (1979).
    Raises InvalidInput when there is no such curve, or they are the same one.
    """
    known = curves_in(result)
    for name, curve in (("model_a", a), ("model_b", b)):
        if curve not in known:
            raise InvalidInput(f"There is no curve {curve[0][:40]} ({curve[1][:40]}) in this result.",
                               fields={name: "is no curve of this sweep"})  # fmt: skip
    if a == b:
        raise InvalidInput("A model can't be compared with itself.", fields={"model_b": "must be another one"})
    found = _throughputs(result)
    of_a = {workers: rates for (curve, workers), rates in found.items() if curve == a}
    of_b = {workers: rates for (curve, workers), rates in found.items() if curve == b}
    return _judged([_gap(workers, of_a[workers], of_b[workers]) for workers in sorted(of_a.keys() & of_b.keys())])


def _throughputs(result: SweepResult) -> dict[tuple[Curve, int], list[float]]:
    found: dict[tuple[Curve, int], list[float]] = {}
    for point in dict.fromkeys((*result.plan.points, *(trial.point for trial in result.trials))):
        rates = [trial.throughput_per_s for trial in result.trials if trial.is_accepted and trial.point == point]
        if rates:
            found[(point.model, point.variant), point.workers] = rates
    return found


def _gap(workers: int, a: list[float], b: list[float]) -> Gap:
    if min(len(a), len(b)) < LEAST_WINDOWS:
        return Gap(workers, interval(a), interval(b), None, None, None, Evidence.TOO_FEW)
    difference = welch(b, a)
    return Gap(workers, interval(a), interval(b), difference.ratio, difference.p, None, Evidence.NONE)


def _judged(found: list[Gap]) -> tuple[Gap, ...]:
    """With Holm's adjusted p: the k-th smallest of m counts (m - k + 1)-fold, and never less than the one before."""
    ranked = sorted((gap.p, index) for index, gap in enumerate(found) if gap.p is not None)
    judged, highest = list(found), 0.0
    for rank, (p, index) in enumerate(ranked):
        highest = max(highest, min(1.0, p * (len(ranked) - rank)))
        judged[index] = replace(found[index], p_adjusted=highest, evidence=_evidence(found[index].ratio, highest))
    return tuple(judged)


def _evidence(ratio: Estimate | None, p_adjusted: float) -> Evidence:
    if ratio is None or p_adjusted >= FALSE_ALARMS:
        return Evidence.NONE
    if abs(ratio.value - 1) < LEAST_CHANGE:
        return Evidence.SMALL
    return Evidence.FASTER if ratio.value > 1 else Evidence.SLOWER
