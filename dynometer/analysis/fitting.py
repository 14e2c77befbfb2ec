"""The estimator (science A.2): least squares on ln X, started from a convex problem, bounded, with gamma free.

ln X makes a deviation count by its share: on raw X the largest N dominate, and with 3 % noise the error of sigma is up
to twice as great.  gamma is fitted like the others: divided by X(1), the noise of that one point would enter them all.
"""

import math
from dataclasses import replace

import numpy as np
from scipy import optimize

from dynometer.analysis.fit import FREE, MOST, Fit
from dynometer.analysis.least_squares import Array, Problem
from dynometer.analysis.replicates import Curve, Replicates, summarise
from dynometer.analysis.student import from_log
from dynometer.errors import InvalidInput

ORDER = ("sigma", "kappa", "gamma")


class TooFewPoints(InvalidInput):
    """A scaling law needs as many different worker counts as it has coefficients: the USL three, Amdahl's law two."""


def fit(curve: Curve | Replicates, law: str = "usl") -> Fit:
    """Fit `law` (amdahl or usl) to a curve: coefficients, covariance and t intervals.

    Intervals come from the pooled variance of the replicates with its degrees of freedom; without enough replicates,
    from the residuals.  Refuses fewer distinct N than coefficients.
    """
    data = curve if isinstance(curve, Replicates) else summarise(curve)
    if len(data.workers) < len(FREE[law]):
        raise TooFewPoints
    free = tuple(ORDER.index(name) for name in FREE[law])
    problem = _problem(data)
    start = _start(data, problem, free)
    params = problem.minimise(start, free)
    is_refined = params is not None
    best = start if params is None else params
    return _described(data, problem, best, law, is_refined, _superlinear(data, problem, best, free))


def fit_roofline(curve: Curve | Replicates, cores: float) -> Fit:
    """Fit gamma of gamma min(N, cores): the mean of ln X - ln min(N, cores).  Any number of points."""
    data = curve if isinstance(curve, Replicates) else summarise(curve)
    counts = np.array(data.counts, float)
    logs = np.array(data.mean_log) - np.log(np.minimum(data.workers, cores))
    level = float(np.average(logs, weights=counts))
    ssq = float(np.sum(counts * (logs - level) ** 2))
    variance, degrees = noise(data, ssq, 1)
    return _fit(data, "roofline", (math.exp(level), 0.0, 0.0), ((variance / data.rows if degrees else math.inf,),), ssq,
                cores=cores)


def fit_break_point(data: Replicates) -> Fit | None:
    """Fit gamma and C of gamma min(N, C): between any two N, ln C is the plateau's level over that of the rise.

    None unless two N or more lie at C or beyond: one alone is no plateau.  gamma's variance is that of the side with
    fewer rows.
    """
    n, y, counts = np.array(data.workers), np.array(data.mean_log), np.array(data.counts, float)
    rows = np.cumsum(counts)[:-1]  # of the rise, for each place
    rise = np.cumsum(counts * (y - np.log(n)))[:-1] / rows
    flat = (np.sum(counts * y) - np.cumsum(counts * y)[:-1]) / (data.rows - rows)
    places = np.exp(np.clip(flat - rise, np.log(n[:-1]), np.log(n[1:])))
    is_plateau = np.sum(n >= places[:, None] * (1 - 1e-9), axis=1) >= 2
    if not is_plateau.any():
        return None
    logs = y - np.log(np.minimum(n, places[:, None]))
    levels = np.sum(counts * logs, axis=1) / data.rows
    misses = np.sum(counts * (logs - levels[:, None]) ** 2, axis=1)
    best = int(np.argmin(np.where(is_plateau, misses, np.inf)))
    cores, level, ssq, rising = float(places[best]), float(levels[best]), float(misses[best]), float(rows[best])
    variance, degrees = noise(data, ssq, 2)
    beyond = data.rows - rising
    spread = math.sqrt(variance * (1 / rising + 1 / beyond)) if degrees else math.inf
    whole = _fit(data, "roofline", (math.exp(level), 0.0, 0.0),
                 ((variance / min(rising, beyond) if degrees else math.inf,),), ssq, cores=cores, is_break_free=True)
    return replace(whole, break_point=from_log(math.log(cores), spread, degrees))


def noise(data: Replicates, ssq: float, coefficients: int) -> tuple[float, int]:
    """Variance of ln X of one row, and its degrees of freedom: of the replicates, else of all rows' residuals."""
    if data.has_replicates:
        return data.variance, data.degrees
    degrees = data.rows - coefficients
    return ((ssq + data.within_ssq) / degrees, degrees) if degrees > 0 else (math.nan, 0)


def known_root(variance: float) -> float | None:
    """The standard deviation; None when the variance is NaN, which stands for unknown."""
    return None if math.isnan(variance) else math.sqrt(variance)


def _problem(data: Replicates) -> Problem:
    return Problem(np.array(data.workers), np.array(data.mean_log), np.sqrt(np.array(data.counts, float)),
                   is_log=True, most=MOST)


def _start(data: Replicates, problem: Problem, free: tuple[int, ...]) -> Array:
    """N / X = A + B (N-1) + C N (N-1) by non-negative least squares, rows weighted by X / N (and their counts)."""
    speed = np.exp(np.array(data.mean_log) - np.mean(data.mean_log)) / problem.workers
    columns = np.column_stack([np.ones(len(speed)), problem.columns])
    used = [0, *(i + 1 for i in free if i < 2)]
    weights = problem.weights * speed
    solution = np.zeros(3)
    solution[used] = optimize.nnls(weights[:, None] * columns[:, used], problem.weights)[0]
    if solution[0] <= 0:  # N / X would start at nothing: a curve more than linear
        return np.array([0.0, 0.0, float(np.log(speed.max()) + np.mean(data.mean_log))])
    return np.array([solution[1] / solution[0], solution[2] / solution[0],
                     np.mean(data.mean_log) - math.log(solution[0])])


def _described(data: Replicates, problem: Problem, params: Array, law: str, is_refined: bool, superlinear: str) -> Fit:
    free = tuple(ORDER.index(name) for name in FREE[law])
    ssq = problem.ssq(params)
    variance, _ = noise(data, ssq, len(free))
    covariance = problem.covariance(params, free, variance)
    sigma, kappa = params[:2] / problem.span
    return _fit(data, law, (math.exp(params[2]), float(sigma), float(kappa)), tuple(map(tuple, covariance.tolist())),
                ssq, is_refined=is_refined, superlinear=superlinear)


def _fit(data: Replicates, law: str, coefficients: tuple[float, float, float],
         covariance: tuple[tuple[float, ...], ...], ssq: float, *, cores: float | None = None,
         is_refined: bool = True, superlinear: str = "", is_break_free: bool = False) -> Fit:
    count = len(FREE[law]) + is_break_free
    variance, degrees = noise(data, ssq, count)
    per_mean = data.rows / len(data.workers) if data.has_replicates else 1.0
    whole, residual = ssq + data.within_ssq, variance
    if data.has_replicates:
        left = len(data.workers) - count
        whole, residual = ssq, ssq / per_mean / left if left > 0 else math.nan
    gamma, sigma, kappa = coefficients
    mean_variance = variance / per_mean if degrees else math.inf
    return Fit(law, "log", gamma, sigma, kappa, covariance, degrees, mean_variance, whole, known_root(residual),
               len(data.workers), data.workers[0], data.workers[-1], cores, is_refined, superlinear)


def _superlinear(data: Replicates, problem: Problem, bounded: Array, free: tuple[int, ...]) -> str:
    """What the fit without bounds says, when sigma or kappa lies below zero by more than two standard errors."""
    if all(bounded[i] for i in free[:-1]) or len(data.workers) < len(free):
        return ""  # inside the bounds both fits are the same
    params = problem.minimise(bounded, free, is_bounded=False)
    if params is None:
        return ""
    covariance = problem.covariance(params, free, noise(data, problem.ssq(params), len(free))[0])
    values = params[:2] / problem.span
    for place, i in enumerate(free[:-1]):
        if values[i] < -2 * math.sqrt(covariance[place, place]):
            return (f"Superlinear: without bounds {ORDER[i]} would be {values[i]:.3g}, below 0 by more than two "
                    "standard errors. Suspect a slow one-worker baseline, caches or the clock (turbo).")
    return ""
