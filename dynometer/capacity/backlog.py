"""M/M/c/K: a queue with an end.  Who finds all servers busy and all waiting places taken is turned away."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dynometer.capacity.checks import at_most, offered, whole
from dynometer.capacity.response import response_quantile_s, response_tail
from dynometer.capacity.service import Exponential
from dynometer.capacity.waits import Wait, mixture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_PLACES = 1_000_000  # a state each; so long a queue has no end to speak of


@dataclass(frozen=True)
class FiniteQueue:
    """Poisson arrivals, exponential service, c servers and `places` to wait: K = servers + places.

    Steady for any load, also above the servers' capacity.  Waits and responses are those of the accepted.
    Source: birth-death chain, p_n = p_{n-1} a / min(n, c) up to K; places = 0 is Erlang's loss system.
    """

    arrival_per_s: float
    service_s: float  # mean
    servers: int
    places: int  # the listen queue or the broker's limit; 0: nobody waits

    def __post_init__(self) -> None:
        offered(self.arrival_per_s, self.service_s)
        whole("servers", self.servers, 1)
        at_most("places", whole("places", self.places, 0), MOST_PLACES)

    @property
    def offered_load(self) -> float:
        """a = lambda S [erlang], of all arrivals"""
        return self.arrival_per_s * self.service_s

    @cached_property
    def rejected_share(self) -> float:
        """p_K, by Erlang B's recurrence gone on past c:  r(n) = a r(n-1) / (min(n, c) + a r(n-1))"""
        share = 1.0
        for count in range(1, self.servers + self.places + 1):
            share = self.offered_load * share / (min(count, self.servers) + self.offered_load * share)
        return share

    @property
    def accepted_per_s(self) -> float:
        """lambda (1 - p_K)"""
        return self.arrival_per_s * (1 - self.rejected_share)

    @property
    def utilisation(self) -> float:
        """Share of the servers' time in use"""
        return self.accepted_per_s * self.service_s / self.servers

    @cached_property
    def states(self) -> "NDArray[np.float64]":
        """p_0..p_K, shape (K+1,)"""
        import numpy as np

        counts = np.arange(1, self.servers + self.places + 1)
        logs = np.concatenate([[0.0], np.cumsum(np.log(self.offered_load / np.minimum(counts, self.servers)))])
        weights: NDArray[np.float64] = np.exp(logs - logs.max())
        weights /= weights.sum()
        return weights

    @cached_property
    def wait(self) -> Wait:
        """Of the accepted: who finds n >= c waits for n - c + 1 departures."""
        return mixture(self.states[self.servers : -1] / (1 - self.rejected_share), self.servers / self.service_s)

    @property
    def p_wait(self) -> float:
        return self.wait.p_wait

    @property
    def wait_mean_s(self) -> float:
        return self.wait.mean_s

    @property
    def response_mean_s(self) -> float:
        return self.wait_mean_s + self.service_s

    @property
    def queue_mean(self) -> float:
        """Lq, by Little's law"""
        return self.accepted_per_s * self.wait_mean_s

    @property
    def in_system_mean(self) -> float:
        return self.accepted_per_s * self.response_mean_s

    def wait_tail(self, time_s: float) -> float:
        return self.wait.tail(time_s)

    def wait_quantile_s(self, quantile: float) -> float:
        return self.wait.quantile_s(quantile)

    def response_tail(self, time_s: float) -> float:
        return response_tail(time_s, self.wait, Exponential(self.service_s))

    def response_quantile_s(self, quantile: float) -> float:
        return response_quantile_s(quantile, self.wait, Exponential(self.service_s))
