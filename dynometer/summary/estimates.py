"""Geometric means with intervals: windows of one point are independent, and what disturbs them multiplies."""

import math
from collections.abc import Sequence

from dynometer.estimate import Estimate
from dynometer.measure.grades import t_quantile


def geometric_mean(values: Sequence[float]) -> Estimate:
    """The mean of the logarithms of positive `values`, with its 95 % t interval, in their own unit.

    One value has no spread to judge by: its interval is 0 to infinity.  Raises ValueError when there is none.
    Source: science C.1, C.2.5 (contention is part of the truth: means of logs over long windows).
    """
    if not values:
        raise ValueError("a mean needs at least one value")
    logs = [math.log(value) for value in values]
    mean = math.fsum(logs) / len(logs)
    if len(logs) == 1:
        return Estimate(values[0], 0.0, math.inf)
    variance = math.fsum((log - mean) ** 2 for log in logs) / (len(logs) - 1)
    half = t_quantile(len(logs) - 1) * math.sqrt(variance / len(logs))
    return Estimate(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def half_width(estimate: Estimate) -> float:
    """Half of the interval, as a share of the value; infinite for a single window."""
    if estimate.low <= 0 or math.isinf(estimate.high):
        return math.inf
    return math.expm1(0.5 * math.log(estimate.high / estimate.low))
