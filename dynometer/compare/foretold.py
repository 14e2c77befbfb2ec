"""What the advice on result A promised of points that result B has measured since: right or wrong."""

from dynometer.advice.prediction import Outcome, outcomes, predictions
from dynometer.advice.thresholds import HIT
from dynometer.measure.result import SweepResult
from dynometer.report.report import make_report
from dynometer.summary.facts import summarise
from dynometer.wording import gain, times


def foretold(a: SweepResult, b: SweepResult) -> tuple[Outcome, ...]:
    """The predictions of A's advice that B can judge."""
    return outcomes(predictions(make_report(a).findings), summarise(b).facts)


def sentence_of(outcome: Outcome) -> str:
    made = outcome.prediction
    judged = "right" if outcome.is_hit else "wrong"
    return (f"The advice on A ({made.rule}) predicted {times(made.gain.value)} for {made.model} ({made.variant}) with "
            f"{made.workers}; B measured {gain(outcome.measured)}: {judged}, by a factor of {HIT:g}.")
