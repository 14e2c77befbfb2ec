"""How numbers read, in sentences and tables alike: the one home of it."""

import math
from collections.abc import Callable, Sequence

from dynometer.estimate import Estimate

Say = Callable[[float, int], str]  # a number, and how many digits of it
UNITS = (  # each with its size, and the least that is told in it
    ("h", 3600.0, 7200.0), ("min", 60.0, 120.0), ("s", 1.0, 1.0), ("ms", 1e-3, 1e-3), ("us", 1e-6, 1e-6),
    ("ns", 1e-9, 1e-12),
)
INTERVAL_UNKNOWN = 100.0  # bounds this many times apart say nothing


def figure(value: float, digits: int = 3, *, is_padded: bool = True) -> str:
    """So many significant digits, or all of those before the point; padded with zeros, as columns want them."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unknown"
    if abs(value) < 1e-4:
        return f"{value:.{digits - 1}e}"
    behind = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{behind}f}"
    return text if is_padded or "." not in text else text.rstrip("0").rstrip(".")


def number(value: float, digits: int = 3) -> str:
    """1,234 or 0.0123: at least so many digits, no zeros behind the point."""
    return figure(value, digits, is_padded=False)


def hundredths(value: float) -> str:
    """Two decimals below ten, whole numbers above: what ratios of measurements can bear."""
    return f"{value:.2f}" if abs(value) < 9.995 else f"{value:,.0f}"


def times(value: float) -> str:
    """1.92x"""
    return f"{hundredths(value)}x"


def percent(share: float, digits: int = 3) -> str:
    """83.3 %, 0.0249 %"""
    return f"{number(100 * share, digits)} %"


def seconds(time_s: float, digits: int = 3, *, is_padded: bool = False) -> str:
    """In the unit that fits: 850 us, 12.5 ms, 2 s, 14.2 min."""
    for unit, size_s, least_s in UNITS:
        if abs(time_s) >= least_s:
            return f"{figure(time_s / size_s, digits, is_padded=is_padded)} {unit}"
    return "0 s"


def size(count_bytes: float) -> str:
    """In MB of a million bytes, or GB."""
    return f"{figure(count_bytes / 1e9)} GB" if count_bytes >= 1e9 else f"{figure(count_bytes / 1e6)} MB"


def quantity(value: float, unit: str) -> str:
    """A ratio or a number of the `unit` s, % or any other mark."""
    if unit == "s":
        return seconds(value)
    return f"{value * 100:.0f} %" if unit == "%" else f"{hundredths(value)}{unit}"


def counted(count: float, noun: str) -> str:
    """1 window, 1,200 windows, 1.5 CPUs; `noun` is the singular."""
    text = f"{count:,.0f}" if float(count).is_integer() else f"{count:.3g}"
    return f"{text} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """a, b and c"""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def over(say: Say, value: float, most: float) -> str:
    """Both, in as many digits as it takes to see them apart."""
    for digits in range(3, 12):
        if say(value, digits) != say(most, digits):
            break
    return f"{say(value, digits)}, over {say(most, digits)}"


def is_unknown(estimate: Estimate) -> bool:
    """Whether the interval is so wide that it says nothing, as that of a single window is."""
    return estimate.low <= 0 or not math.isfinite(estimate.high) or estimate.high / estimate.low > INTERVAL_UNKNOWN


def interval(estimate: Estimate, say: Callable[[float], str] = hundredths) -> str:
    """The 95 % interval in words; the baseline over itself has none."""
    if estimate.low == estimate.high:
        return "no interval"
    return "interval unknown" if is_unknown(estimate) else f"{say(estimate.low)} to {say(estimate.high)}"


def gain(estimate: Estimate) -> str:
    """1.92x (1.88 to 1.96)"""
    return f"{times(estimate.value)} ({interval(estimate)})"
