"""What advice consists of: evidence, remedy, expected gain, runner-up, and what would change it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dynometer.advice.cause import Diagnosis
from dynometer.advice.facts import Facts
from dynometer.advice.register import Register
from dynometer.estimate import Estimate
from dynometer.wording import gain, times


class Severity(StrEnum):
    ADVICE = "advice"  # do this
    WARNING = "warning"  # leave that
    NOTE = "note"  # know this


class GainSource(StrEnum):
    MEASURED = "measured"
    PREDICTED = "predicted"  # by the formula of the rule
    PUBLISHED = "published"  # scaled from somebody's measurement on another machine


@dataclass(frozen=True)
class RunnerUp:
    """The best other way that was measured."""

    model: str
    variant: str
    workers: int
    gain: Estimate | None  # over the sequential baseline
    distance: float  # its throughput or gain over the advised one, less 1: -.03 is 3 % behind
    is_tied: bool  # the intervals overlap or the difference is below 5 %

    def __str__(self) -> str:
        reached = f", {gain(self.gain)}" if self.gain else ""
        place = f"{abs(self.distance) * 100:.0f} % {'behind' if self.distance <= 0 else 'ahead'}"
        doubt = ", no clear difference" if self.is_tied else ""
        name = f"{self.model} ({self.variant})" if self.variant else self.model
        return f"{name} with {self.workers}{reached}: {place}{doubt}"


@dataclass(frozen=True)
class Finding:
    """One piece of advice.  Its `gain` is throughput over the sequential baseline unless `gain_over` says else."""

    severity: Severity
    evidence: str  # the numbers that triggered it
    remedy: str
    would_change: str  # what would change this advice
    gain: Estimate | None = None
    gain_source: GainSource | None = None
    gain_over: str = "sequential"
    model: str | None = None  # None: not about one model
    variant: str | None = None
    workers: int | None = None
    threads: int = 1  # in each of the workers
    expects: str = ""  # the gain in words, also where no number can be said
    runner_up: RunnerUp | None = None
    key: str = ""
    number: int = -1  # of the rule in the science's table

    def __str__(self) -> str:
        expected = self.expects or (f"{self.gain_source}: {gain(self.gain)} over {self.gain_over}" if self.gain else "")
        parts = [
            f"{self.remedy} Why: {self.evidence}",
            f"Expected: {expected}" if expected else "",
            f"Next best: {self.runner_up}" if self.runner_up else "",
            f"This would change it: {self.would_change}",
        ]
        return " ".join(part.rstrip(".") + "." for part in parts if part)


RULES: Register[Callable[[Facts, Diagnosis], Finding | None]] = Register()


def predicted(value: float, most: float, factor: float) -> Estimate:
    """A formula's value in the band of `factor` that prediction is judged by, and not above `most`."""
    value = min(value, most)
    return Estimate(value, value / factor, min(value * factor, most))


def says(estimate: Estimate, source: GainSource) -> str:
    return f"{times(estimate.value)} ({source})"
