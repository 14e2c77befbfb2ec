"""Advice that can be wrong: the gain that was predicted, and whether it came true once it was measured."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from dynometer.advice.facts import Facts
from dynometer.advice.finding import Finding, GainSource
from dynometer.advice.options import Option, leading, of_model
from dynometer.advice.sound import sound_facts
from dynometer.advice.thresholds import HIT
from dynometer.estimate import Estimate


@dataclass(frozen=True)
class Prediction:
    """What one rule promised for a model that had not been measured so far."""

    rule: str
    model: str
    variant: str
    workers: int
    gain: Estimate  # over the sequential baseline


@dataclass(frozen=True)
class Outcome:
    """A prediction beside what was measured."""

    prediction: Prediction
    measured: Estimate
    is_hit: bool  # within a factor of 1.25


def predictions(findings: Iterable[Finding]) -> tuple[Prediction, ...]:
    """What can be held against later measurements: gains over sequential that were not measured, of one model each."""
    return tuple(
        Prediction(one.key, one.model, one.variant or "", one.workers, one.gain)
        for one in findings
        if one.gain
        and one.model
        and one.workers
        and one.gain_source not in (None, GainSource.MEASURED)
        and one.gain_over == "sequential"
        and one.threads == 1
    )


def is_hit(predicted: float, measured: float) -> bool:
    """|ln(measured / predicted)| < ln 1.25.  Raises ValueError unless both are above 0."""
    if predicted <= 0 or measured <= 0:
        raise ValueError(f"gains must be above 0, got {predicted} and {measured}")
    return abs(math.log(measured / predicted)) < math.log(HIT)


def outcomes(made: Iterable[Prediction], facts: Facts) -> tuple[Outcome, ...]:
    """Those of the predictions that `facts` have measured since, in their order."""
    facts, found = sound_facts(facts), []
    for one in made:
        reached = leading(
            option for option in of_model(facts, one.model, variant=one.variant or None) if _fits(option, one)
        )
        if reached and reached.gain:
            found.append(Outcome(one, reached.gain, is_hit(one.gain.value, reached.gain.value)))
    return tuple(found)


def _fits(option: Option, prediction: Prediction) -> bool:
    return option.workers == prediction.workers and option.gain is not None
