"""How far the axes of a chart of curves reach, where their ticks are, and whether y is logarithmic."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.charts.theme import Spec
from dynometer.report.chart import LOG_FROM

STEPS = (1, 2, 5)
FEW_TICKS = 7
WHISKERS_UP_TO = 3.0  # times the greatest value: beyond it a whisker would flatten everything and is cut at the edge


@dataclass(frozen=True)
class Span:
    """The y axis."""

    low: float
    high: float
    is_log: bool

    def pixel(self, value: float, height: int) -> float:
        """From the top."""
        if self.is_log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return height * (1 - min(1.0, share))

    def with_room(self, share: float) -> "Span":
        """The same with so much more below; from zero as it is."""
        return Span(self.low * (self.low / self.high) ** share, self.high, True) if self.is_log else self

    def scale(self) -> Spec:
        kind: Spec = {"type": "log", "base": 10} if self.is_log else {"type": "linear", "zero": True}
        return {**kind, "domain": [self.low, self.high], "nice": False}

    def ticks(self) -> list[float]:
        """1, 2, 5, 10, ... of a logarithmic axis: only powers of ten where those are many."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        fine = [step * 10.0**power for power in powers for step in STEPS]
        found = [tick for tick in fine if self.low <= tick <= self.high]
        return found if len(found) <= FEW_TICKS else [tick for tick in found if _is_power(tick)]


def span_of(values: Sequence[float], bounds: Iterable[float], ideal: Sequence[float], axis: str) -> Span:
    """Over all `values` and the known `bounds` of their intervals; the `ideal` may be cut, but for its beginning.

    `axis` is log, linear or auto: logarithmic when the values span more than five times.
    """
    if not values:
        return Span(0.0, max(ideal, default=1.0), is_log=False)
    least, most = min(values), max(values)
    is_log = axis == "log" or (axis == "auto" and most / least > LOG_FROM)
    known = [bound for bound in bounds if 0 < bound < WHISKERS_UP_TO * most]
    shown = [value for value in ideal if value <= 1.6 * most and (not is_log or value >= least / 1.6)]
    top = max([*known, *shown, most])
    if not is_log:
        return Span(0.0, 1.08 * top, is_log)
    return Span(min([*known, *shown, least]) / 1.15, 1.15 * top, is_log)


def _is_power(tick: float) -> bool:
    return math.isclose(math.log10(tick), round(math.log10(tick)))
