"""One least-squares problem for every law and scale: analytic Jacobian, scaled parameters, bounds.

The parameters are s = sigma (q - 1), k = kappa q (q - 1) and ln gamma, with q the greatest N: all of order one, whether
N counts cores or a hundred thousand users.  Levenberg-Marquardt without such scaling stops short of the optimum.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]
SCALE = (0.75, 0.48, 1.0)  # x_scale: sigma 0.05 and kappa 0.002 at 16 workers
NEGLIGIBLE = 1e-6  # of s and k: the trust region stays inside the bounds and never says 0 itself
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Problem:
    """Points to fit: `target` is ln X where `is_log`, else X; `weights` multiply the residuals."""

    workers: Array
    target: Array
    weights: Array
    is_log: bool
    most: float  # upper bound of sigma and kappa

    @cached_property
    def span(self) -> Array:
        """sigma and kappa per s and k."""
        q = max(float(self.workers.max()), 2.0)
        return np.array([q - 1, q * (q - 1)])

    @cached_property
    def columns(self) -> Array:
        n = self.workers
        return np.stack([n - 1, n * (n - 1)], axis=1) / self.span

    def slowness(self, params: Array) -> Array:
        lost: Array = self.columns[:, 0] * params[0] + self.columns[:, 1] * params[1]  # quicker than a tiny product
        return np.maximum(1 + lost, 1e-9)  # a step may leave the range where a law has meaning

    def residuals(self, params: Array) -> Array:
        log = params[2] + np.log(self.workers) - np.log(self.slowness(params))
        fitted: Array = log if self.is_log else np.exp(np.minimum(log, 700.0))
        return self.weights * (fitted - self.target)

    def jacobian(self, params: Array) -> Array:
        """Rows: points.  Columns: s, k, ln gamma."""
        slowness = self.slowness(params)
        slopes = np.column_stack([-self.columns / slowness[:, None], np.ones(len(slowness))])
        if not self.is_log:
            slopes *= (np.exp(np.minimum(params[2], 700.0)) * self.workers / slowness)[:, None]
        weighted: Array = slopes * self.weights[:, None]
        return weighted

    def ssq(self, params: Array) -> float:
        return float(np.sum(self.residuals(params) ** 2))

    def minimise(self, start: Array, free: tuple[int, ...], *, is_bounded: bool = True) -> Array | None:
        """The parameters of least squares; those not `free` stay as in `start`.  None: the optimiser failed."""
        if is_bounded and self.is_log and (found := self._without_bounds(start, free)) is not None:
            return found
        return self._searched(start, free, is_bounded=is_bounded)

    def _without_bounds(self, start: Array, free: tuple[int, ...]) -> Array | None:
        """The bounded optimum at a quarter of the cost: what falls below 0 is set to it, and the slope there proves it.

        None where that is no proof: the trust region decides then.
        """
        params = self._searched(start, free, is_bounded=False)
        if params is None or np.any(params[:2] > self.most * self.span):
            return None
        below = [i for i in free if i < 2 and params[i] < NEGLIGIBLE]
        if not below:
            return params
        start = params.copy()
        start[below] = 0.0
        params = self._without_bounds(start, tuple(i for i in free if i not in below))
        if params is None:
            return None
        slopes = self.jacobian(params).T @ self.residuals(params)
        return params if np.all(slopes[below] >= -NEGLIGIBLE * np.sqrt(max(self.ssq(params), TOLERANCE))) else None

    def _searched(self, start: Array, free: tuple[int, ...], *, is_bounded: bool) -> Array | None:
        """By SciPy: a trust region within the bounds, or Levenberg and Marquardt without any."""
        chosen = list(free)

        def whole(part: Array) -> Array:
            params = start.copy()
            params[chosen] = part
            return params

        low = np.array([0.0, 0.0, -np.inf])
        high = np.array([*(self.most * self.span), np.inf])
        options = ({"method": "trf", "bounds": (low[chosen], high[chosen])} if is_bounded else {"method": "lm"})
        begin = np.clip(start, low + 1e-9, high * (1 - 1e-9) if np.isfinite(self.most) else high)
        try:
            found = optimize.least_squares(
                lambda part: self.residuals(whole(part)), (begin if is_bounded else start)[chosen],
                lambda part: self.jacobian(whole(part))[:, chosen], x_scale=np.array(SCALE)[chosen],
                ftol=TOLERANCE, xtol=TOLERANCE, gtol=TOLERANCE, **options)
        except (ValueError, np.linalg.LinAlgError):
            return None
        if found.status <= 0 or not np.all(np.isfinite(found.x)):
            return None
        return self._snapped(whole(found.x), free) if is_bounded else whole(found.x)

    def _snapped(self, params: Array, free: tuple[int, ...]) -> Array:
        """`params` with what lies at the lower bound set to it, and the others optimal for that."""
        zero = [i for i in free if i < 2 and params[i] < NEGLIGIBLE]
        if not zero:
            return params
        params = params.copy()
        params[zero] = 0.0
        again = self.minimise(params, tuple(i for i in free if i not in zero))
        return params if again is None else again

    def covariance(self, params: Array, free: tuple[int, ...], variance: float) -> Array:
        """(J'J)^-1 variance, of sigma, kappa and ln gamma as far as `free`; infinite where it is singular."""
        jacobian = self.jacobian(params)[:, list(free)]
        scale = np.linalg.norm(jacobian, axis=0)
        unit = np.array([*self.span, 1.0])[list(free)]
        if not np.all(scale > 0) or np.linalg.cond(jacobian / scale) > 1e8 or not np.isfinite(variance):
            return np.diag(np.full(len(free), np.inf))
        inverse: Array = np.linalg.inv((jacobian / scale).T @ (jacobian / scale))
        return inverse * variance / np.outer(scale * unit, scale * unit)
