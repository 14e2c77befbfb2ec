"""Percentiles of latency, and the correction for what a stalled load generator did not send.

A closed generator waits while the system stalls, and so samples the stall once instead of once per request it held up:
"coordinated omission" (G. Tene).  The correction adds the samples that would have been taken at the planned rate, as
HdrHistogram does; latency counted from the planned send time needs none.
"""

import math
from collections.abc import Sequence

from dynometer.analysis.ranges import at_least, finite
from dynometer.errors import InvalidInput

MOST_SAMPLES = 20_000_000


def corrected(values: Sequence[float], expected_interval: float) -> list[float]:
    """`values` with v - i, v - 2i, ... down to i (i = `expected_interval`, same unit) added for each v above i.

    Refuses an interval that is not above 0, and one so small that more than 20 million samples would arise.
    """
    finite("expected interval", expected_interval)
    at_least("expected interval", expected_interval, 0, is_open=True)
    for value in values:
        finite("latency", value)
        at_least("latency", value, 0)
    missing = [max(0, math.floor(value / expected_interval * (1 + 1e-12)) - 1) for value in values]
    if len(values) + sum(missing) > MOST_SAMPLES:
        raise InvalidInput(f"The correction would add {sum(missing):,} samples.",
                           hint="Check the unit of the expected interval.")
    added = [value - k * expected_interval for value, count in zip(values, missing, strict=True)
             for k in range(1, count + 1)]
    return [*values, *added]


def percentile(values: Sequence[float], quantile: float) -> float:
    """The smallest value that at least a share `quantile` (0 < q <= 1) of `values` does not exceed: one of them."""
    return percentiles(values, (quantile,))[0]


def percentiles(values: Sequence[float], quantiles: Sequence[float]) -> list[float]:
    """`percentile` of several quantiles, with one sort."""
    if not values:
        raise InvalidInput("There is no percentile of no values.")
    for quantile in quantiles:
        _is_quantile(quantile)
    ordered = sorted(values)
    return [ordered[max(1, math.ceil(quantile * len(ordered) - 1e-9)) - 1] for quantile in quantiles]


def enough_samples(quantile: float) -> int:
    """How many samples a quantile below 1 needs: 10 / (1 - q), so 200 for p95 and 1,000 for p99 (science C.2)."""
    _is_quantile(quantile, is_open=True)
    return math.ceil(10 / (1 - quantile) - 1e-6)


def _is_quantile(quantile: float, *, is_open: bool = False) -> None:
    if not 0 < quantile <= 1 or (is_open and quantile == 1):
        raise InvalidInput(f"A quantile lies above 0 and {'below' if is_open else 'at most at'} 1, not {quantile:g}.",
                           hint="Write 0.95 for the 95th percentile.")
