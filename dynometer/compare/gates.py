"""Gates on a comparison: `change` is B over A minus 1, everything else is of B."""

from collections.abc import Iterable

from dynometer.compare.changes import Comparison
from dynometer.estimate import Estimate
from dynometer.measure.result import SweepResult
from dynometer.report.report import value_of
from dynometer.summary.facts import summarise
from dynometer.summary.gates import CHANGE, Gate, Judged, judge, point_of


def judge_all(gates: Iterable[Gate], comparison: Comparison, b: SweepResult) -> tuple[Judged, ...]:
    """Every gate beside its value.  Raises InvalidInput when one names a point that is not in B's plan."""
    summary = summarise(b)
    return tuple(judge(gate, _change(gate, comparison, b) if gate.name == CHANGE else value_of(gate, summary))
                 for gate in gates)


def _change(gate: Gate, comparison: Comparison, b: SweepResult) -> Estimate | None:
    point = point_of(gate, b.plan.points, b.plan.baseline)
    ratio = next((change.ratio for change in comparison.changes if change.point == point), None)
    return Estimate(ratio.value - 1, ratio.low - 1, ratio.high - 1) if ratio else None
