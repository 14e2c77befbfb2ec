"""The response: the wait, and then an independent service.

The service times may be measured ones; that keeps the p95 within 5 % where exponential service in its place is wrong by
up to 2.4 times (science B.3).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dynometer.capacity.checks import between
from dynometer.capacity.roots import first_at_or_below
from dynometer.capacity.service import Exponential, Service
from dynometer.capacity.waits import ErlangMixtureWait, ExponentialWait, Wait

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DECADES = 5  # of the service distribution: up to 0.9, 0.99, ... each in SLICES, the last up to 1
SLICES = 60
LEFT_OUT = 1e-16


def response_tail(time_s: float, wait: Wait, service: Service) -> float:
    """P(wait + service > time_s) = E[P(W > t - S)], with P(W > negative) = 1.

    Exact for an exponential wait, and for exponential service; else over a few hundred slices of the service's
    distribution, finer towards its end: quantiles from p90 on are right to 0.2 %, the median to 1 %.
    """
    return _tail(wait, service)(time_s)


def response_quantile_s(quantile: float, wait: Wait, service: Service) -> float:
    """The time [s] within which a share `quantile` (0, 1) of the responses ends; by root finding on the tail."""
    late = 1 - between("quantile", quantile, 0, 1)
    start = max(service.quantile_s(quantile), wait.quantile_s(quantile)) * 0.99  # slices round the service's own
    return first_at_or_below(late, _tail(wait, service), start)


def _tail(wait: Wait, service: Service) -> Callable[[float], float]:
    if isinstance(wait, ExponentialWait):
        return lambda time_s: service.tail_after(time_s, wait)
    is_chain = isinstance(wait, ErlangMixtureWait) and wait.rate_per_s * service.mean_s >= 1
    if is_chain and isinstance(service, Exponential):
        assert isinstance(wait, ErlangMixtureWait)
        return _with_exponential(wait, service.mean_s).tail
    times, weights = _slices(service)
    pairs = list(zip(times.tolist(), weights.tolist(), strict=True))
    return lambda time_s: sum(weight * wait.tail(time_s - slice_s) for slice_s, weight in pairs)


def _with_exponential(wait: ErlangMixtureWait, service_s: float) -> ErlangMixtureWait:
    """Wait and service together, as a wait: an exponential service is a geometric number of the departures' gaps.

    With r departures/s and services of rate m <= r, each gap ends the service with probability m/r.
    """
    import numpy as np

    ends = 1 / (wait.rate_per_s * service_s)
    sums, carried = [], 0.0
    for share in [1 - wait.p_wait, *wait.departures.tolist()]:
        carried = (1 - ends) * carried + ends * share
        sums.append(carried)
    while carried > LEFT_OUT:
        carried *= 1 - ends
        sums.append(carried)
    return ErlangMixtureWait(np.array(sums), wait.rate_per_s)


def _slices(service: Service) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Times in the middle of the slices, and how likely each slice is; equal times once."""
    import numpy as np

    edges = [1 - 0.1**decade for decade in range(DECADES)] + [1.0]
    widths = np.repeat(np.diff(edges) / SLICES, SLICES)
    times, which = np.unique(service.times_at(widths.cumsum() - widths / 2), return_inverse=True)
    weights: NDArray[np.float64] = np.bincount(which, weights=widths).astype(float)
    return times, weights
