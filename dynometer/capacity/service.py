"""Distributions of the service time, as much of each as the queue formulas ask for.

Two numbers say how a distribution acts on waits: its mean and cv2, its squared coefficient of variation (variance over
squared mean; 0 constant, 1 exponential, above 1 a few long ones among many short).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dynometer.capacity.checks import between, not_negative, positive
from dynometer.capacity.waits import ExponentialWait

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.float64]


class Service(Protocol):
    """The time one server takes for one arrival [s]."""

    @property
    def mean_s(self) -> float: ...

    @property
    def cv2(self) -> float: ...

    @property
    def name(self) -> str:
        """As a word of a sentence: "exponential"."""

    def tail(self, time_s: float) -> float:
        """P(service > time_s)."""

    def quantile_s(self, quantile: float) -> float:
        """The time within which a share `quantile` (0, 1) of services ends."""

    def tail_after(self, time_s: float, wait: ExponentialWait) -> float:
        """P(wait + service > time_s), both independent."""

    def times_at(self, quantiles: "Times") -> "Times":
        """The quantile of each, shape as given; quantiles in (0, 1)."""

    def draw(self, generator: "np.random.Generator", count: int) -> "Times": ...

    def scaled(self, factor: float) -> "Service":
        """The same shape, every time `factor` times as long."""


@dataclass(frozen=True)
class Exponential:
    """What Erlang's formulas assume."""

    mean_s: float
    cv2 = 1.0
    name = "exponential"

    def __post_init__(self) -> None:
        positive("service_s", self.mean_s)

    def tail(self, time_s: float) -> float:
        return math.exp(-time_s / self.mean_s) if time_s > 0 else 1.0

    def quantile_s(self, quantile: float) -> float:
        return -self.mean_s * math.log1p(-between("quantile", quantile, 0, 1))

    def tail_after(self, time_s: float, wait: ExponentialWait) -> float:
        """P(T > t) = e^(-m t) + p m (e^(-m t) - e^(-d t)) / (d - m);  e^(-m t) (1 + p m t) where d = m

        The quotient is t e^(-min(m,d) t) (1 - e^-x) / x with x = |d - m| t: the same, and safe near d = m.
        """
        if time_s < 0:
            return 1.0
        rate, decay = 1 / self.mean_s, wait.decay_per_s
        if wait.p_wait == 0:
            return self.tail(time_s)
        apart = abs(decay - rate) * time_s
        shape = -math.expm1(-apart) / apart if apart > 0 else 1.0
        return self.tail(time_s) + wait.p_wait * rate * time_s * math.exp(-min(rate, decay) * time_s) * shape

    def times_at(self, quantiles: "Times") -> "Times":
        import numpy as np

        return -self.mean_s * np.log1p(-quantiles)

    def draw(self, generator: "np.random.Generator", count: int) -> "Times":
        return generator.exponential(self.mean_s, count)

    def scaled(self, factor: float) -> "Exponential":
        return Exponential(self.mean_s * factor)


@dataclass(frozen=True)
class Constant:
    """Every service takes as long as every other."""

    mean_s: float
    cv2 = 0.0
    name = "constant"

    def __post_init__(self) -> None:
        positive("service_s", self.mean_s)

    def tail(self, time_s: float) -> float:
        return float(time_s < self.mean_s)

    def quantile_s(self, quantile: float) -> float:
        between("quantile", quantile, 0, 1)
        return self.mean_s

    def tail_after(self, time_s: float, wait: ExponentialWait) -> float:
        return wait.tail(time_s - self.mean_s)

    def times_at(self, quantiles: "Times") -> "Times":
        return 0 * quantiles + self.mean_s

    def draw(self, generator: "np.random.Generator", count: int) -> "Times":
        import numpy as np

        return np.full(count, self.mean_s)

    def scaled(self, factor: float) -> "Constant":
        return Constant(self.mean_s * factor)


@dataclass(frozen=True)
class Gamma:
    """Known by mean and cv2 alone: the gamma distribution has both, is constant at 0 and exponential at 1."""

    mean_s: float
    cv2: float
    name = "gamma-distributed"

    def __post_init__(self) -> None:
        positive("service_s", self.mean_s)
        positive("service_cv2", self.cv2)

    @property
    def _rate_per_s(self) -> float:
        return 1 / (self.cv2 * self.mean_s)

    def tail(self, time_s: float) -> float:
        from scipy.special import gammaincc

        return float(gammaincc(1 / self.cv2, self._rate_per_s * time_s)) if time_s > 0 else 1.0

    def quantile_s(self, quantile: float) -> float:
        from scipy.special import gammaincinv

        return float(gammaincinv(1 / self.cv2, between("quantile", quantile, 0, 1))) / self._rate_per_s

    def tail_after(self, time_s: float, wait: ExponentialWait) -> float:
        """P(T > t) = Q(k, b t) + p J,  J = E[e^(-d (t - S)); S <= t] for S of shape k = 1/cv2 and rate b

        J = e^(-d t) (b/(b-d))^k P(k, (b-d) t) for b > d, P and Q the regularised incomplete gamma functions;
        in general J = (b t)^k e^(-b t) / Gamma(k+1) * 1F1(1; k+1; (b-d) t).
        """
        if self._rate_per_s * time_s <= 0 or wait.p_wait == 0:
            return self.tail(time_s)
        from scipy.special import gammainc, hyp1f1

        shape, rate, decay = 1 / self.cv2, self._rate_per_s, wait.decay_per_s
        excess = (rate - decay) * time_s
        if excess > max(1.0, shape):  # where the hypergeometric series would overflow
            log = shape * math.log(rate / (rate - decay)) - decay * time_s
            joint = math.exp(log) * float(gammainc(shape, excess))
        else:
            log = shape * math.log(rate * time_s) - rate * time_s - math.lgamma(shape + 1)
            joint = math.exp(log) * float(hyp1f1(1, shape + 1, excess))
        return min(1.0, self.tail(time_s) + wait.p_wait * joint)

    def times_at(self, quantiles: "Times") -> "Times":
        from scipy.special import gammaincinv

        times: Times = gammaincinv(1 / self.cv2, quantiles) / self._rate_per_s
        return times

    def draw(self, generator: "np.random.Generator", count: int) -> "Times":
        return generator.gamma(1 / self.cv2, 1 / self._rate_per_s, count)

    def scaled(self, factor: float) -> "Gamma":
        return Gamma(self.mean_s * factor, self.cv2)


def service_of(mean_s: float, cv2: float = 1.0) -> Service:
    """What is assumed when two numbers are all that is known of a service time."""
    not_negative("service_cv2", cv2)
    if cv2 == 0:
        return Constant(mean_s)
    return Exponential(mean_s) if cv2 == 1 else Gamma(mean_s, cv2)
