"""Student's t: the interval of a mean of logarithms, and of the difference of two.  The one home of both.

Throughputs vary by shares, so logs are averaged: a mean comes back as a geometric mean, in the unit of the values.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dynometer.analysis.replicates import summarise
from dynometer.estimate import Estimate


def t_quantile(degrees: float, probability: float = 0.975) -> float:
    """Of Student's t; two-sided 95 % by default."""
    from scipy.special import stdtrit  # a tenth of the import time of scipy.stats

    return float(stdtrit(degrees, probability))


def from_log(mean: float, standard_error: float, degrees: float) -> Estimate:
    """The value and 95 % t interval of exp(mean), of a mean log with `standard_error` and `degrees` of freedom."""
    if degrees < 1 or not math.isfinite(standard_error):
        return Estimate(_exp(mean), 0.0, math.inf)
    half = t_quantile(degrees) * standard_error
    return Estimate(_exp(mean), _exp(mean - half), _exp(mean + half))


def interval(values: Sequence[float]) -> Estimate:
    """Geometric mean of positive `values` and its 95 % t interval, of the mean log; 0 to infinity for a single value.

    Same unit as the values.  Refuses none, and what is not finite and above 0.
    """
    summary = summarise({1: values})
    return from_log(summary.mean_log[0], math.sqrt(summary.variance / summary.rows), summary.degrees)


@dataclass(frozen=True)
class Difference:
    """Of two mean logs."""

    mean: float
    standard_error: float  # infinite when a side has one value
    degrees: float  # of freedom, by Welch and Satterthwaite

    @property
    def ratio(self) -> Estimate:
        """exp(mean) with its 95 % interval"""
        return from_log(self.mean, self.standard_error, self.degrees)

    @property
    def p(self) -> float | None:
        """Two-sided, of no difference; None when a side has one value"""
        from scipy.special import stdtr

        if not math.isfinite(self.standard_error):
            return None
        if self.standard_error == 0:
            return 1.0 if self.mean == 0 else 0.0
        return 2 * float(stdtr(self.degrees, -abs(self.mean) / self.standard_error))


def welch(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Mean log of `first` less that of `second`, both positive and independent, of whatever variances.

    Source: B. L. Welch, Biometrika 34 (1947).  Refuses an empty side and what is not finite and above 0.
    """
    top, bottom = summarise({1: first}), summarise({1: second})
    mean = top.mean_log[0] - bottom.mean_log[0]
    if not top.degrees or not bottom.degrees:
        return Difference(mean, math.inf, 0)
    shares = [side.variance / side.rows for side in (top, bottom)]
    spread = sum(shares)
    if spread == 0:
        return Difference(mean, 0.0, top.degrees + bottom.degrees)
    degrees = spread**2 / (shares[0] ** 2 / top.degrees + shares[1] ** 2 / bottom.degrees)
    return Difference(mean, math.sqrt(spread), degrees)


def _exp(log: float) -> float:
    return math.exp(log) if log < 700 else math.inf
