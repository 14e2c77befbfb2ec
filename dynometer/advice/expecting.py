"""The gain to expect from a model with so many workers: measured where it was, else by the rule's formula."""

from dataclasses import dataclass

from dynometer.advice.facts import Facts
from dynometer.advice.finding import GainSource, predicted
from dynometer.advice.options import Option, lead_of, of_model
from dynometer.advice.thresholds import HIT
from dynometer.estimate import Estimate


@dataclass(frozen=True)
class Expected:
    workers: int
    gain: Estimate
    source: GainSource


def cores(facts: Facts) -> int:
    """Whole CPUs to fill."""
    return max(1, int(facts.cpus_usable + 1e-9))


def expect(facts: Facts, model: str, variant: str | None, workers: int, formula: float) -> Expected:
    """For `workers`, or as many as the measured curve needs when it was measured up to there."""
    options = of_model(facts, model, variant=variant)
    if any(one.workers >= workers for one in options):
        best = lead_of(options)
        if best and best.gain:
            return Expected(best.workers, best.gain, GainSource.MEASURED)
    reached = max((one.gain.value for one in options if one.gain), default=None)
    estimate = predicted(formula, float(max(workers, 1)), HIT)
    if reached is not None and reached < estimate.low:  # what was measured so far is the least to expect
        estimate = Estimate(estimate.value, reached, estimate.high)
    return Expected(workers, estimate, GainSource.PREDICTED)


def as_option(model: str, variant: str | None, expected: Expected) -> Option:
    return Option(model, variant or "", expected.workers, None, expected.gain)
