"""Where a falling function reaches a level: how every quantile here is found.

Bisection, because survival functions of measured times have steps, on which faster methods lose their way.
"""

from collections.abc import Callable

PRECISION = 1e-13  # relative


def first_at_or_below(level: float, falling: Callable[[float], float], start: float) -> float:
    """The smallest t >= `start` >= 0 with falling(t) <= level, to 13 digits; `falling` never rises and tends to 0."""
    if falling(start) <= level:
        return start
    low, high = start, start if start > 0 else 1.0
    while falling(high) > level:
        low, high = high, 2 * high
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if falling(middle) > level:
            low = middle
        else:
            high = middle
    return high
