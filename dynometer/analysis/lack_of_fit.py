"""Two F tests: does a law describe the points, and does one more coefficient describe them better (science A.3).

R^2 answers neither: a curve that is linear up to the cores and flat beyond gives a false kappa at R^2 = 0.95.
"""

import math

from dynometer.analysis.fit import Fit
from dynometer.analysis.replicates import Replicates

FINEST = 1e-4  # relative noise taken for certain: windows that agree better do so by chance or by rounding


def lack_of_fit_p(fit: Fit, data: Replicates) -> float | None:
    """p of F = [SSR / (n - p)] / variance of the replicates, for a log fit; small: this law does not describe them.

    None without replicates, or when the law has as many coefficients as there are points.
    """
    left = len(data.workers) - fit.coefficients
    if not data.has_replicates or left < 1:
        return None
    return _f_tail(fit.ssq / left, max(data.variance, FINEST**2), left, data.degrees)


def improvement_p(smaller: Fit, larger: Fit, data: Replicates | None) -> float | None:
    """p of what `larger` gains by its one more coefficient; halved, since that coefficient can't be below 0.

    The gain is compared with the replicates' variance; without (None, too), with the residuals of `larger`.  None when
    neither is there.
    """
    gain = max(0.0, smaller.ssq - larger.ssq)
    if data is not None and data.has_replicates:
        noise, degrees = data.variance, data.degrees
    else:
        degrees = larger.degrees
        noise = larger.ssq / degrees if degrees else math.nan
    if degrees < 1:
        return None
    floor = FINEST**2 if larger.estimator == "log" else 0.0
    return _f_tail(gain, max(noise, floor), 1, degrees) / 2


def _f_tail(numerator: float, denominator: float, above: int, below: int) -> float:
    from scipy.special import fdtrc

    if denominator == 0:
        return 0.0 if numerator > 0 else 1.0
    return float(fdtrc(above, below, numerator / denominator))
