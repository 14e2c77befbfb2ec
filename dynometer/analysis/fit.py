"""A law through a curve, with what its points leave open: the result of `fitting` and `absolute`."""

import math
from dataclasses import dataclass

from dynometer.analysis import usl
from dynometer.analysis.student import from_log, t_quantile
from dynometer.estimate import Estimate

MOST = 1.5  # upper bound of sigma and kappa in the log estimator; beyond it a second worker would more than halve X
FREE = {"roofline": ("gamma",), "amdahl": ("sigma", "gamma"), "usl": ("sigma", "kappa", "gamma")}


@dataclass(frozen=True)
class Fit:
    """X(N) = gamma N / (1 + sigma (N-1) + kappa N (N-1)), or gamma min(N, C) for the roofline.

    `covariance` is of the law's free coefficients in the order sigma, kappa, ln gamma; infinite where the points
    leave a coefficient open.  Variances are of ln X (estimator "log") or of X ("absolute").
    """

    law: str  # roofline, amdahl or usl
    estimator: str  # log or absolute
    gamma: float  # throughput of one worker, in the unit of the curve
    sigma: float  # 0 for the roofline
    kappa: float  # 0 for the roofline and Amdahl
    covariance: tuple[tuple[float, ...], ...]
    degrees: int  # of freedom behind the covariance; 0: no interval can be given
    mean_variance: float  # v: of the mean of a new point's replicates
    ssq: float  # squared residuals: of the means times their counts where replicates tell the noise, else of all rows
    residual_se: float | None  # of a mean where replicates tell the noise, else of a row; None: no degrees left
    points: int  # distinct N
    least_workers: float  # measured
    most_workers: float
    cores: float | None = None  # C, for the roofline
    is_refined: bool = True  # False: the optimiser failed; log: this is the closed-form start; absolute: cut at 1
    superlinear: str = ""  # a sentence, when the fit without bounds wants negative coefficients
    break_point: Estimate | None = None  # the fitted C of a roofline whose cores are not known

    @property
    def free(self) -> tuple[str, ...]:
        return FREE[self.law]

    @property
    def coefficients(self) -> int:
        """How many were fitted"""
        return len(self.free) + (self.break_point is not None)

    @property
    def usl(self) -> usl.Law:
        return usl.Law(self.gamma, self.sigma, self.kappa)

    def se(self, name: str) -> float:
        """The standard error of sigma, kappa or gamma; infinite when it can't be known."""
        place = self.free.index(name)
        error = math.sqrt(self.covariance[place][place])
        return error * self.gamma if name == "gamma" else error

    def estimate(self, name: str) -> Estimate:
        """sigma, kappa or gamma with its 95 % t interval, cut at the bounds."""
        value, error = getattr(self, name), self.se(name)
        if name == "gamma" and self.estimator == "log":
            return from_log(math.log(value), error / value, self.degrees)
        most = MOST if self.estimator == "log" and name != "gamma" else math.inf
        if not self.degrees or not math.isfinite(error):
            return Estimate(value, 0.0, most)
        half = t_quantile(self.degrees) * error
        return Estimate(value, max(0.0, value - half), min(most, value + half))

    def throughput(self, workers: float) -> float:
        """X(N) of the law."""
        if self.cores is not None:
            return self.gamma * min(workers, self.cores)
        return usl.throughput(workers, self.usl)

    def band(self, workers: float) -> Estimate:
        """X(N) with the 95 % band of the mean of a new point: delta method on ln X (or X) plus its own variance."""
        value = self.throughput(workers)
        gradient = self._gradient(workers)
        spread = sum(a * b * c for a, row in zip(gradient, self.covariance, strict=True)
                     for b, c in zip(gradient, row, strict=True))
        if self.estimator == "log":
            return from_log(math.log(value), math.sqrt(max(0.0, spread) + self.mean_variance), self.degrees)
        error = math.sqrt(max(0.0, spread) * value**2 + self.mean_variance)
        if not self.degrees or not math.isfinite(error):
            return Estimate(value, 0.0, math.inf)
        half = t_quantile(self.degrees) * error
        return Estimate(value, max(0.0, value - half), value + half)

    def _gradient(self, workers: float) -> list[float]:
        """Of ln X by the free coefficients, gamma's by its log."""
        per_item = workers / (self.throughput(workers) / self.gamma)
        slopes = {"sigma": -(workers - 1) / per_item, "kappa": -workers * (workers - 1) / per_item, "gamma": 1.0}
        return [slopes[name] for name in self.free]

    def peak_workers(self) -> Estimate | None:
        """N* with its 95 % interval, by the delta method on ln N*; None without a peak (kappa 0, sigma >= 1)."""
        top = usl.peak(self.usl)
        if self.law != "usl" or top is None:
            return None
        gradient = (-0.5 / (1 - self.sigma), -0.5 / self.kappa)
        spread = sum(gradient[i] * gradient[j] * self.covariance[i][j] for i in (0, 1) for j in (0, 1))
        return from_log(math.log(top.workers), math.sqrt(max(0.0, spread)), self.degrees)

    def least_peak_workers(self) -> float | None:
        """If there is a peak, it lies at this N or above: sqrt((1 - sigma) / kappa_high); None: nothing is known."""
        high = self.estimate("kappa").high
        return math.sqrt((1 - self.sigma) / high) if 0 < high < MOST and self.sigma < 1 else None
