"""How good a point is: the interval of its throughput, and the grade A, B, C or invalid (science C.2.6)."""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

from dynometer.estimate import Estimate
from dynometer.measure.trial import Trial

A_WITHIN = 0.03  # half-width of the 95 % interval, relative
B_WITHIN = 0.10
A_LEAST = 5  # accepted windows: with fewer, an interval of 3 % is luck too often (science C.2.5)
B_LEAST = 3
FEW_ITEMS = "Few items"  # how a doubt begins that costs a point its A, and no more: its interval tells the rest
Z = 1.959964
T_975 = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)  # 1 to 10 degrees of freedom


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    INVALID = "invalid"


def accepted(trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.is_accepted]


def half_width(trials: Iterable[Trial]) -> float | None:
    """Of the 95 % t interval of the mean of ln(throughput) of the accepted ones [ln]; None below two."""
    logs = [math.log(trial.throughput_per_s) for trial in accepted(trials)]
    if len(logs) < 2:
        return None
    mean = math.fsum(logs) / len(logs)
    variance = math.fsum((log - mean) ** 2 for log in logs) / (len(logs) - 1)
    return t_quantile(len(logs) - 1) * math.sqrt(variance / len(logs))


def throughput(trials: Iterable[Trial]) -> Estimate | None:
    """Geometric mean of the accepted windows' throughputs [items/s] with its 95 % interval.

    None without an accepted window.  One window has a value and no interval: low 0, high infinite.
    """
    counted = accepted(trials)
    if not counted:
        return None
    mean = math.fsum(math.log(trial.throughput_per_s) for trial in counted) / len(counted)
    half = half_width(counted)
    if half is None:
        return Estimate(math.exp(mean), 0.0, math.inf)
    return Estimate(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


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


def t_quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t with `freedom` >= 1 degrees of freedom.

    Above the table by the Cornish-Fisher expansion in 1/freedom, within 0.0001.  Source: Abramowitz & Stegun 26.7.5.
    """
    if freedom <= len(T_975):
        return T_975[freedom - 1]
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    third = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + first / freedom + second / freedom**2 + third / freedom**3
