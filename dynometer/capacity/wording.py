"""Numbers as a plan's sentences say them."""

import math
from collections.abc import Callable

Say = Callable[[float, int], str]  # a number, and how many digits of it


def seconds(time_s: float, digits: int = 3) -> str:
    """In the unit that fits: 850 us, 12.5 ms, 2 s, 14.2 min."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if time_s >= 2 * size:
            return f"{number(time_s / size, digits)} {unit}"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time_s >= size:
            return f"{number(time_s / size, digits)} {unit}"
    return f"{number(time_s / 1e-6, digits)} us" if time_s >= 1e-9 else "0 s"


def percent(share: float, digits: int = 3) -> str:
    """83.3 %, 0.0249 %"""
    return f"{number(100 * share, digits)} %"


def plural(count: int, unit: str) -> str:
    """1 server, 2 servers; `unit` is the plural."""
    return f"{count:,} {unit if count != 1 else unit.removesuffix('s')}"


def over(say: Say, value: float, most: float) -> str:
    """Both, in as many digits as it takes to see them apart."""
    for digits in range(3, 12):
        if say(value, digits) != say(most, digits):
            break
    return f"{say(value, digits)}, over {say(most, digits)}"


def number(value: float, digits: int = 3) -> str:
    """1,234 or 0.0123: at least so many digits, no zeros behind the point."""
    if value == 0 or math.isinf(value):
        return f"{value:g}"
    if value < 1e-4:
        return f"{value:.{digits - 1}e}"
    behind = max(0, digits - 1 - math.floor(math.log10(value)))
    text = f"{value:,.{behind}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
