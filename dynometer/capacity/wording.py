"""Numbers as a plan's sentences say them."""

import math


def seconds(time_s: float) -> str:
    """Three digits in the unit that fits: 850 us, 12.5 ms, 2 s, 14.2 min."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if time_s >= 2 * size:
            return f"{_three(time_s / size)} {unit}"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time_s >= size:
            return f"{_three(time_s / size)} {unit}"
    return f"{_three(time_s / 1e-6)} us" if time_s >= 1e-9 else "0 s"


def percent(share: float) -> str:
    """Three digits: 83.3 %, 0.0249 %."""
    return f"{_three(100 * share)} %"


def plural(count: int, unit: str) -> str:
    """1 server, 2 servers; `unit` is the plural."""
    return f"{count:,} {unit if count != 1 else unit.removesuffix('s')}"


def _three(number: float) -> str:
    if number == 0 or math.isinf(number):
        return f"{number:g}"
    if number < 1e-4:
        return f"{number:.2e}"
    digits = max(0, 2 - math.floor(math.log10(number)))
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def verdict(servers: int, unit: str, missed: tuple[str, ...], promise: str) -> str:
    if missed:
        return f"{plural(servers, unit)} would not do: {' and '.join(missed)}."
    return f"{plural(servers, unit)}: {promise or 'nothing was asked of them'}."
