"""Forecasts with bands, and the refusal to guess far beyond what was measured (science A.3)."""

from dataclasses import dataclass

from dynometer.analysis.choice import Choice
from dynometer.analysis.doubts import EXTRAPOLATED
from dynometer.analysis.ranges import at_least, finite
from dynometer.estimate import Estimate
from dynometer.wording import counted

LEAST_POINTS = 5  # distinct N, for anything beyond the measured range
MISSES = "On public data the same law missed by 13-50 % at 1.6 to 8 times the measured range."


@dataclass(frozen=True)
class Forecast:
    """X at `workers`.  `standing`: inside (the measured range), extrapolated (up to 1.5 times), far, or refused."""

    workers: float
    standing: str
    throughput: Estimate | None  # the law, and the 95 % band of the mean of a new point; None when refused
    sentence: str = ""  # what must be said beside it, or why it is refused


def forecast(choice: Choice, workers: float, *, is_asked: bool = False) -> Forecast:
    """What the chosen law says of `workers` > 0; `is_asked`: the user insists on what lies far out."""
    finite("workers", workers)
    at_least("workers", workers, 0, is_open=True)
    fit = choice.fit
    if fit is None:
        return _refused(workers, "No law describes these points: nothing to forecast with.")
    if fit.least_workers <= workers <= fit.most_workers:
        return Forecast(workers, "inside", fit.band(workers))
    if choice.cores is not None and workers > choice.cores and fit.most_workers <= (fit.cores or choice.cores):
        return _refused(workers, f"{workers:g} workers are more than the {counted(choice.cores, 'core')}: the law was "
                        f"fitted up to {fit.most_workers:g} and says nothing about oversubscription.")
    if fit.points < LEAST_POINTS:
        return _refused(workers, f"{workers:g} lies outside the measured range, and {fit.points} worker counts are too "
                        f"few to leave it: measure {LEAST_POINTS} or more.")
    if workers <= EXTRAPOLATED * fit.most_workers:
        return Forecast(workers, "extrapolated", fit.band(workers), _assumed(choice, workers))
    where = f"{workers:g} is {workers / fit.most_workers:.1f} times the greatest measured N ({fit.most_workers:g})."
    if not is_asked:
        return _refused(workers, f"{where} {MISSES} Refused unless asked for explicitly.")
    return Forecast(workers, "far", fit.band(workers), f"{where} {MISSES}")


def _refused(workers: float, why: str) -> Forecast:
    return Forecast(workers, "refused", None, why)


def _assumed(choice: Choice, workers: float) -> str:
    if choice.cores is None or workers <= choice.cores:
        return "The band assumes that the law still holds there."
    return (f"More workers than the {counted(choice.cores, 'core')}: the band assumes that the plateau goes on, and "
            "that more of them do not slow one another down.")
