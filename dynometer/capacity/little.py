"""Little's law as a self-check of a load test: three numbers measured apart must agree."""

from dataclasses import dataclass

from dynometer.capacity.checks import positive

TOLERANCE = 0.02


@dataclass(frozen=True)
class LittleCheck:
    """What a load test says of itself."""

    concurrency: float  # L as sampled: requests in flight, on average
    expected: float  # lambda W
    gap_share: float  # |L - lambda W| / L
    holds: bool
    reason: str  # a sentence


def little_check(
    concurrency: float, throughput_per_s: float, response_mean_s: float, tolerance: float = TOLERANCE
) -> LittleCheck:
    """|L - lambda W| / L < 2 %, of measured numbers above 0.

    A larger gap means lost samples, or a window that cuts requests in two.
    Source: J. D. C. Little (1961).  Raises InvalidInput for numbers that are not above 0.
    """
    sampled = positive("concurrency", concurrency)
    expected = positive("throughput_per_s", throughput_per_s) * positive("response_mean_s", response_mean_s)
    gap = abs(sampled - expected) / sampled
    holds = gap < positive("tolerance", tolerance)
    compared = f"{sampled:.4g} requests were in flight, rate times response says {expected:.4g}: {gap:.1%} apart"
    reason = f"{compared}." if holds else f"{compared}; samples are lost, or the window cuts requests in two."
    return LittleCheck(sampled, expected, gap, holds, reason)
