"""Plain non-linear least squares on X itself, because published answers use it (R's `nls`, with bounds >= 0).

Not recommended for judging: the largest throughputs dominate (see `fitting`).
"""

import math
from dataclasses import replace

import numpy as np

from dynometer.analysis.fit import FREE, Fit
from dynometer.analysis.fitting import ORDER, TooFewPoints, known_root
from dynometer.analysis.least_squares import Array, Problem
from dynometer.analysis.replicates import Curve, summarise
from dynometer.errors import InvalidInput

GRID = np.array([0.0, *np.logspace(-4, 2, 25)])  # of s and k, see least_squares


def fit(curve: Curve, law: str = "usl") -> Fit:
    """Fit `law` (amdahl or usl) to the rows of a curve; sigma, kappa >= 0, each row counts by itself.

    Standard errors from the residual variance with rows - coefficients degrees of freedom, as `summary(nls)` says them.
    Where there is no finite optimum, sigma and kappa end at 1 and `is_refined` is False.  Refuses fewer distinct N than
    coefficients.
    """
    if len(summarise(curve).workers) < len(FREE[law]):
        raise TooFewPoints
    rows = np.array([(n, x) for n, values in sorted(curve.items()) for x in values], float)
    scale = float(rows[:, 1].max())
    problem = Problem(rows[:, 0], rows[:, 1] / scale, np.ones(len(rows)), is_log=False, most=math.inf)
    free = tuple(ORDER.index(name) for name in FREE[law])
    start = _start(problem, has_kappa=law == "usl")
    found = params = problem.minimise(start, free)
    if params is None:  # a ridge without end: without N = 1, sigma and gamma may grow together for ever
        params = replace(problem, most=1.0).minimise(start, free)
    if params is None:
        params = start
    degrees = max(0, len(rows) - len(free))
    ssq = problem.ssq(params)
    variance = ssq / degrees if degrees else math.nan
    sigma, kappa = params[:2] / problem.span
    covariance = tuple(map(tuple, problem.covariance(params, free, variance).tolist()))
    new_row = variance * scale**2 if degrees else math.inf
    return Fit(law, "absolute", scale * math.exp(params[2]), float(sigma), float(kappa), covariance, degrees, new_row,
               ssq * scale**2, known_root(variance * scale**2), len(set(rows[:, 0])), float(rows[0, 0]),
               float(rows[-1, 0]), is_refined=found is not None)


def _start(problem: Problem, *, has_kappa: bool) -> Array:
    """The best of a grid over s and k, with the gamma that is best for each: raw X may have several optima."""
    s, k = (axis.ravel() for axis in np.meshgrid(GRID, GRID if has_kappa else GRID[:1]))
    slowness = 1 + np.column_stack([s, k]) @ problem.columns.T
    shape = problem.workers / np.maximum(slowness, 1e-9)
    gamma = (shape @ problem.target) / np.sum(shape**2, axis=1)
    best = int(np.argmin(np.sum((gamma[:, None] * shape - problem.target) ** 2, axis=1)))
    return np.array([s[best], k[best], math.log(gamma[best])])


def classic_transform(curve: Curve) -> tuple[float, float]:
    """sigma and kappa by the transform of Gunther's book: regress N / C - 1 on N - 1 through the origin, C = X / X(1).

    N/C - 1 = a x^2 + b x with x = N - 1, kappa = a, sigma = b - a; plain least squares, so kappa may come out negative.
    Refuses a curve without N = 1, whose noise enters every point, and one with fewer than two other N.
    """
    data = summarise(curve)
    if 1.0 not in data.workers or len(data.workers) < 3:
        raise InvalidInput("The classic transform needs N = 1 and two other worker counts.",
                           hint="Use the log estimator: it needs no measurement at one worker.")
    mean = {n: math.fsum(curve[n]) / len(curve[n]) for n in data.workers}
    n = np.array([workers for workers in data.workers if workers != 1])
    slowness = n * mean[1.0] / np.array([mean[workers] for workers in data.workers if workers != 1]) - 1
    a, b = np.linalg.lstsq(np.column_stack([(n - 1) ** 2, n - 1]), slowness, rcond=None)[0]
    return float(b - a), float(a)
