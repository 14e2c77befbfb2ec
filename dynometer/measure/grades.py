"""How good a point is: the interval of its throughput, and the grade A, B, C or invalid (science C.2.6)."""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

from dynometer.analysis.student import interval
from dynometer.estimate import Estimate
from dynometer.measure.trial import Trial

A_WITHIN = 0.03  # half-width of the 95 % interval, relative
B_WITHIN = 0.10
A_LEAST = 5  # accepted windows: with fewer, an interval of 3 % is luck too often (science C.2.5)
B_LEAST = 3
FEW_ITEMS = "Few items"  # how a doubt begins that costs a point its A, and no more: its interval tells the rest


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    INVALID = "invalid"


def accepted(trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.is_accepted]


def half_width(trials: Iterable[Trial]) -> float | None:
    """Of the 95 % t interval of the mean of ln(throughput) of the accepted ones [ln]; None below two."""
    found = throughput(trials)
    return None if found is None or found.low == 0 else math.log(found.high / found.value)


def throughput(trials: Iterable[Trial]) -> Estimate | None:
    """Geometric mean of the accepted windows' throughputs [items/s] with its 95 % interval.

    None without an accepted window.  One window has a value and no interval: low 0, high infinite.
    """
    rates = [trial.throughput_per_s for trial in accepted(trials)]
    return interval(rates) if rates else None


def is_precise(trials: Sequence[Trial], least: int, precision: float) -> bool:
    """Whether a point needs no further window: `least` accepted ones, interval within `precision` (science C.2.5)."""
    half = half_width(trials)
    return half is not None and len(accepted(trials)) >= least and half <= math.log1p(precision)


def grade(trials: Iterable[Trial]) -> Grade:
    """A: within 3 %, five windows, all checks clean.  B: within 10 %, three windows, most of them clean.

    C: wider, or most windows doubted.  Invalid: no window counts.  A point whose budget ended early may reach B.
    """
    counted = accepted(trials)
    half = half_width(counted)
    if not counted:
        return Grade.INVALID
    doubted = sum(any(not doubt.startswith(FEW_ITEMS) for doubt in trial.doubts) for trial in counted)
    if half is None or half > math.log1p(B_WITHIN) or len(counted) < B_LEAST or 2 * doubted > len(counted):
        return Grade.C
    is_clean = not any(trial.doubts for trial in counted)
    return Grade.A if is_clean and len(counted) >= A_LEAST and half <= math.log1p(A_WITHIN) else Grade.B

