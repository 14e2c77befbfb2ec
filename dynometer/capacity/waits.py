"""Distributions of the wait in a queue: nothing for some, and then exponential, or so many services of others."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from dynometer.capacity.checks import between
from dynometer.capacity.roots import first_at_or_below

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Wait(Protocol):
    """The wait of one arrival [s]."""

    @property
    def p_wait(self) -> float:
        """P(wait > 0)."""

    @property
    def mean_s(self) -> float:
        """Over all arrivals, those that do not wait included."""

    def tail(self, time_s: float) -> float:
        """P(wait > time_s); 1 before 0."""

    def quantile_s(self, quantile: float) -> float:
        """The shortest time within which a share `quantile` (0, 1) of all arrivals is served."""


@dataclass(frozen=True)
class ExponentialWait:
    """0 with probability 1 - p_wait, else exponential: exact for M/M/c, the usual approximation for others."""

    p_wait: float
    decay_per_s: float  # of the wait of those who wait; infinite when nobody does

    @property
    def mean_s(self) -> float:
        return self.p_wait / self.decay_per_s

    def tail(self, time_s: float) -> float:
        """P(W > t) = p exp(-d t)"""
        if time_s < 0:
            return 1.0
        return self.p_wait * math.exp(-self.decay_per_s * time_s) if self.p_wait else 0.0

    def quantile_s(self, quantile: float) -> float:
        """0 if p <= 1 - q, else ln(p / (1 - q)) / d"""
        late = 1 - between("quantile", quantile, 0, 1)
        return math.log(self.p_wait / late) / self.decay_per_s if self.p_wait > late else 0.0


NO_WAIT = ExponentialWait(0.0, math.inf)


@dataclass(frozen=True, eq=False)
class ErlangMixtureWait:
    """The wait until m departures have happened, m itself at random: of queues that are birth-death chains."""

    departures: "NDArray[np.float64]"  # shape (n,): P(exactly m departures are awaited) for m = 1..n
    rate_per_s: float  # of departures while all servers are busy

    @cached_property
    def p_wait(self) -> float:
        return float(self.departures.sum())

    @cached_property
    def mean_s(self) -> float:
        import numpy as np

        return float(self.departures @ np.arange(1, len(self.departures) + 1)) / self.rate_per_s

    @cached_property
    def _more_than(self) -> "NDArray[np.float64]":
        """P(more than j departures are awaited) for j = 0..n-1; summed from the small end for its digits."""
        return self.departures[::-1].cumsum()[::-1]

    def tail(self, time_s: float) -> float:
        """P(W > t) = sum_j Poisson(j; r t) P(m > j): fewer departures than awaited have happened by t."""
        if time_s < 0:
            return 1.0
        expected = self.rate_per_s * time_s
        if expected == 0:
            return self.p_wait
        margin = 12 * math.sqrt(expected) + 30  # Poisson weights beyond are below 1e-16
        low = max(0, math.floor(expected - margin))
        high = min(len(self.departures), math.ceil(expected + margin))
        if low >= high:
            return 0.0
        return float(_poisson(low, high, expected) @ self._more_than[low:high])

    def quantile_s(self, quantile: float) -> float:
        return first_at_or_below(1 - between("quantile", quantile, 0, 1), self.tail, 0.0)


def _poisson(low: int, high: int, mean: float) -> "NDArray[np.float64]":
    """Weights of low..high-1."""
    import numpy as np

    logs = np.full(high - low, math.log(mean))
    logs[1:] -= np.log(np.arange(low + 1, high))
    logs[0] = low * math.log(mean) - mean - math.lgamma(low + 1)
    weights: NDArray[np.float64] = np.exp(logs.cumsum())
    return weights


def mixture(departures: "NDArray[np.float64]", rate_per_s: float) -> Wait:
    """The wait of a chain; NO_WAIT where nobody waits."""
    return ErlangMixtureWait(departures, rate_per_s) if departures.any() else NO_WAIT
