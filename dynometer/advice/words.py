"""How numbers read in sentences."""

import math
from collections.abc import Sequence

from dynometer.estimate import Estimate

INTERVAL_UNKNOWN = 100.0  # bounds this many times apart say nothing


def number(value: float) -> str:
    """Two decimals below ten, whole numbers above: what such measurements can bear."""
    return f"{value:.2f}" if abs(value) < 9.995 else f"{value:,.0f}"


def times(value: float) -> str:
    return f"{number(value)}x"


def seconds(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(value) >= scale:
            return f"{value / scale:.3g} {unit}"
    return "0 s" if value == 0 else f"{value * 1e6:.2g} us"


def quantity(value: float, unit: str) -> str:
    if unit == "s":
        return seconds(value)
    if unit == "%":
        return f"{value * 100:.0f} %"
    return f"{number(value)}{unit}"


def interval(estimate: Estimate) -> str:
    """The 95 % interval of a ratio in words."""
    if estimate.low == estimate.high:
        return "no interval"
    if is_unknown(estimate):
        return "interval unknown"
    return f"{number(estimate.low)} to {number(estimate.high)}"


def is_unknown(estimate: Estimate) -> bool:
    """Whether the interval is so wide that it says nothing, as that of a single window is."""
    return estimate.low <= 0 or not math.isfinite(estimate.high) or estimate.high / estimate.low > INTERVAL_UNKNOWN


def gain(estimate: Estimate) -> str:
    return f"{times(estimate.value)} ({interval(estimate)})"


def listed(names: Sequence[str]) -> str:
    """a, b and c"""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def counted(count: float, noun: str) -> str:
    text = f"{count:.0f}" if float(count).is_integer() else f"{count:.3g}"
    return f"{text} {noun}{'' if count == 1 else 's'}"
