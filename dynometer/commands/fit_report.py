"""Everything `fit` says about a curve, before it becomes words or JSON."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from dynometer.analysis import absolute, doubts, fitting, karp_flatt, usl
from dynometer.analysis.choice import Choice, choose
from dynometer.analysis.fit import Fit
from dynometer.analysis.forecast import Forecast, forecast
from dynometer.analysis.karp_flatt import LEAST_COUNTS, Reading, reading
from dynometer.analysis.replicates import Curve, summarise
from dynometer.analysis.student import interval
from dynometer.estimate import Estimate

FORMAT = 1
ABSOLUTE = ("The law and its reason come from the log scale; the coefficients are of absolute least squares, where the "
            "largest throughputs dominate.")
ENDLESS = ("Absolute least squares of the USL have no finite optimum here: sigma and kappa are cut at 1, and not "
           "identifiable.")


@dataclass(frozen=True)
class PointRow:
    """One N of the table, beside what the chosen law says of it."""

    workers: float
    throughput: Estimate  # geometric mean of the replicates
    replicates: int
    fitted: float | None  # None: no law
    residual_share: float | None  # (X - fitted) / fitted
    speedup: float | None  # over N = 1, where it was measured
    efficiency: float | None  # X / (N gamma); without a law X(1) stands for gamma
    is_oversubscribed: bool


@dataclass(frozen=True)
class FitReport:
    """A choice with the fits it chose among.  `choice.fit` is of the estimator asked for."""

    choice: Choice
    estimator: str
    cores: float | None
    usl: Fit | None  # None: fewer than three distinct N
    amdahl: Fit | None
    points: tuple[PointRow, ...]
    forecasts: tuple[Forecast, ...]
    least_peak_workers: float | None  # of a peak nobody saw; None also where one was seen
    karp_flatt: Reading | None  # None: no N = 1, or too few others

    def as_json(self) -> dict[str, Any]:
        """JSON without NaN or infinity: what can't be known is null."""
        choice, worst = self.choice, self.largest_residual
        roofline = choice.fit if choice.law == "roofline" else None
        report = {
            "format": FORMAT, "estimator": self.estimator, "law": choice.law, "reason": choice.reason,
            "warnings": list(choice.warnings), "cores": self.cores,
            "usl": self.usl and {**_coefficients(self.usl), **_landmarks(self.usl),
                                 "least_peak_workers": self.least_peak_workers},
            "amdahl": self.amdahl and {**_coefficients(self.amdahl), "limit_speedup": 1 / self.amdahl.sigma
                                       if self.amdahl.sigma else None},
            "roofline": roofline and {**_coefficients(roofline), "cores": roofline.cores,
                                      "break_point": roofline.break_point and asdict(roofline.break_point)},
            "lack_of_fit_p": choice.lack_of_fit_p, "residual_share": choice.residual_share,
            "largest_residual": worst and {"workers": worst.workers, "share": worst.residual_share},
            "karp_flatt": self.karp_flatt and {"pattern": self.karp_flatt.pattern, "sentence": self.karp_flatt_sentence,
                                               "fractions": [{"workers": n, "e": e} for n, e in
                                                             self.karp_flatt.fractions.items()]},
            "points": [asdict(point) for point in self.points],
            "forecasts": [asdict(each) for each in self.forecasts],
        }
        return _finite(report)  # type: ignore[no-any-return]

    @property
    def karp_flatt_sentence(self) -> str:
        """What the trend of e says, beside the law that the points chose."""
        return karp_flatt.beside(self.karp_flatt, self.choice.law) if self.karp_flatt else ""

    @property
    def largest_residual(self) -> PointRow | None:
        judged = [point for point in self.points if point.residual_share is not None]
        return max(judged, key=lambda point: abs(point.residual_share or 0.0), default=None)


def make_report(curve: Curve, *, estimator: str = "log", cores: float | None = None, forecasts: Sequence[float] = (),
                is_far_asked: bool = False) -> FitReport:
    """Choose a law for `curve` and fit by `estimator` (log or absolute); the choice itself is made on the log scale.

    Amdahl and USL leave out the points beyond the cores where the choice did, if three others are left.
    """
    choice = choose(curve, cores)
    kept = {n: values for n, values in curve.items() if n not in choice.oversubscribed and len(values)}
    fitted = kept if len(kept) >= 3 else curve
    can_fit = len(summarise(fitted).workers) >= 3
    by = absolute.fit if estimator == "absolute" else fitting.fit
    amdahl, usl_fit = (by(fitted, "amdahl"), by(fitted, "usl")) if can_fit else (None, None)
    if estimator == "absolute":
        is_endless = usl_fit is not None and not usl_fit.is_refined
        choice = replace(choice, fit={"amdahl": amdahl, "usl": usl_fit}.get(choice.law, choice.fit),
                         warnings=(*choice.warnings, ABSOLUTE, *([ENDLESS] if is_endless else [])))
    is_peak_open = usl_fit is not None and usl_fit.estimate("kappa").low == 0
    points = _points(curve, choice)
    speedups = {row.workers: row.speedup for row in points
                if row.speedup and row.workers > 1 and not row.is_oversubscribed}
    return FitReport(choice, estimator, cores, usl_fit, amdahl, points,
                     tuple(forecast(choice, n, is_asked=is_far_asked) for n in forecasts),
                     usl_fit.least_peak_workers() if usl_fit and is_peak_open else None,
                     reading(speedups) if len(speedups) >= LEAST_COUNTS else None)


def _points(curve: Curve, choice: Choice) -> tuple[PointRow, ...]:
    data, law = summarise(curve), choice.fit
    one = dict(zip(data.workers, data.mean_log, strict=True)).get(1.0)
    single = None if one is None else math.exp(one)
    gamma = law.gamma if law else single
    rows = []
    for n, count in zip(data.workers, data.counts, strict=True):
        mean = interval(curve[n])
        fitted = law.throughput(n) if law else None
        rows.append(PointRow(n, mean, count, fitted, mean.value / fitted - 1 if fitted else None,
                             mean.value / single if single else None, mean.value / (n * gamma) if gamma else None,
                             n in choice.oversubscribed))
    return tuple(rows)


def _coefficients(fit: Fit) -> dict[str, Any]:
    intervals = {name: fit.estimate(name) for name in fit.free}
    return {
        **{name: getattr(fit, name) for name in fit.free},
        "se": {name: fit.se(name) for name in fit.free},
        "intervals": {name: [each.low, each.high] for name, each in intervals.items()},
        "degrees_of_freedom": fit.degrees, "residual_se": fit.residual_se, "ssr": fit.ssq,
        "points_fitted": fit.points, "is_refined": fit.is_refined,
    }


def _landmarks(fit: Fit) -> dict[str, Any]:
    law, span = fit.usl, fit.peak_workers()
    top, knee = usl.peak(law), usl.knee(law)
    return {
        "peak_workers": top and top.workers, "peak_throughput": top and top.throughput,
        "peak_interval": span and [span.low, span.high],
        "peak_floor": top and {"workers": top.floor[0], "throughput": top.floor[1]},
        "peak_ceil": top and {"workers": top.ceil[0], "throughput": top.ceil[1]},
        "peak_is_certain": fit.estimate("kappa").low > 0 and not (top and doubts.is_extrapolated(fit, top.workers)),
        "limit_throughput": usl.asymptote(law),
        "knee_workers": knee, "knee_throughput": knee and usl.throughput(knee, law),
    }


def _finite(value: Any) -> Any:
    """`value` with null in the place of what JSON can't say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value
