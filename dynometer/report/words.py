"""How numbers read in tables."""

import math

from dynometer.estimate import Estimate


def figure(value: float) -> str:
    """Three significant digits, or all of those before the point."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unknown"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}" if places <= 6 else f"{value:.2e}"


def interval(estimate: Estimate) -> str:
    """`low to high`; a single window has none."""
    if estimate.low <= 0 or math.isinf(estimate.high):
        return "one window"
    return f"{figure(estimate.low)} to {figure(estimate.high)}"


def seconds(value: float) -> str:
    """With the unit that suits."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{figure(value / scale)} {unit}"
    return f"{figure(value * 1e9)} ns"


def size(count_bytes: float) -> str:
    """In MB of a million bytes, or GB."""
    return f"{figure(count_bytes / 1e9)} GB" if count_bytes >= 1e9 else f"{figure(count_bytes / 1e6)} MB"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
