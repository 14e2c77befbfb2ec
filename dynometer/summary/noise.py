"""How quiet the machine was: what the windows of one point differ by, although they do the same work."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import log
from statistics import median, stdev

from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point

GOOD_BELOW, FAIR_BELOW = 0.02, 0.05  # relative
LEAST_WINDOWS = 3  # two windows say next to nothing of a spread


class Noise(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    NOISY = "noisy"


@dataclass(frozen=True)
class Spread:
    """The median over all points of the coefficient of variation of their windows' throughputs [relative]."""

    share: float
    noise: Noise


def spread_of(result: SweepResult) -> Spread | None:
    """Of the windows that count; None where no point has three of them.

    The standard deviation of ln(throughput), which is the coefficient of variation where that is small.
    """
    by_point: dict[Point, list[float]] = {}
    for trial in result.trials:
        if trial.is_accepted:
            by_point.setdefault(trial.point, []).append(log(trial.throughput_per_s))
    shares = list(_spreads(by_point.values()))
    if not shares:
        return None
    share = median(shares)
    return Spread(share, Noise.GOOD if share < GOOD_BELOW else Noise.FAIR if share < FAIR_BELOW else Noise.NOISY)


def _spreads(points: Iterable[list[float]]) -> Iterable[float]:
    return (stdev(logs) for logs in points if len(logs) >= LEAST_WINDOWS)
