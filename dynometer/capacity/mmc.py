"""M/M/c: Poisson arrivals, exponential service, c servers, one queue without end, first come first served.

Sources: A. K. Erlang (1917); the formulas as in I. Adan, J. Resing, "Queueing Systems" (2015), chapter 5.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from dynometer.capacity.checks import offered, refuse, stable, whole
from dynometer.capacity.erlang import erlang_c
from dynometer.capacity.response import response_quantile_s
from dynometer.capacity.service import Exponential
from dynometer.capacity.waits import NO_WAIT, ExponentialWait


@dataclass(frozen=True)
class MMc:
    """The queue in its steady state.  Raises Unstable where arrival_per_s * service_s >= servers."""

    arrival_per_s: float
    service_s: float  # mean
    servers: int

    def __post_init__(self) -> None:
        offered(self.arrival_per_s, self.service_s)
        whole("servers", self.servers, 1)
        stable(self.offered_load, self.servers)

    @property
    def offered_load(self) -> float:
        """a = lambda S [erlang]"""
        return self.arrival_per_s * self.service_s

    @property
    def utilisation(self) -> float:
        """rho = a / c, in (0, 1)"""
        return self.offered_load / self.servers

    @cached_property
    def p_wait(self) -> float:
        """Erlang C"""
        return erlang_c(self.servers, self.offered_load)

    @property
    def decay_per_s(self) -> float:
        """d = c mu - lambda: of the wait of those who wait"""
        return (self.servers - self.offered_load) / self.service_s

    @property
    def wait_mean_s(self) -> float:
        """Wq = C / (c mu - lambda)"""
        return self.p_wait / self.decay_per_s

    @property
    def response_mean_s(self) -> float:
        """W = Wq + S"""
        return self.wait_mean_s + self.service_s

    @property
    def queue_mean(self) -> float:
        """Lq = lambda Wq: how many wait, on average (Little)"""
        return self.arrival_per_s * self.wait_mean_s

    @property
    def in_system_mean(self) -> float:
        """L = Lq + a: how many wait or are served, on average"""
        return self.queue_mean + self.offered_load

    @property
    def wait(self) -> ExponentialWait:
        return ExponentialWait(self.p_wait, self.decay_per_s) if self.p_wait else NO_WAIT

    def wait_tail(self, time_s: float) -> float:
        """P(wait > t) = C e^(-d t)"""
        return self.wait.tail(time_s)

    def wait_quantile_s(self, quantile: float) -> float:
        """0 if C <= 1 - q, else ln(C / (1 - q)) / d"""
        return self.wait.quantile_s(quantile)

    def response_tail(self, time_s: float) -> float:
        """P(T > t) = e^(-mu t) + C mu (e^(-mu t) - e^(-d t)) / (d - mu);  e^(-mu t) (1 + C mu t) where d = mu"""
        return Exponential(self.service_s).tail_after(time_s, self.wait)

    def response_quantile_s(self, quantile: float) -> float:
        """The t with P(T > t) = 1 - q, by root finding."""
        return response_quantile_s(quantile, self.wait, Exponential(self.service_s))

    @cached_property
    def _log_weights(self) -> tuple[list[float], float]:
        """ln(a^n / n!) for n = 0..c, and ln of the sum over all n (those beyond c fall like rho^(n-c))."""
        log_load = math.log(self.offered_load)
        logs = [n * log_load - math.lgamma(n + 1) for n in range(self.servers + 1)]
        top = max(logs)
        below, at = math.fsum(math.exp(log - top) for log in logs[:-1]), math.exp(logs[-1] - top)
        return logs, top + math.log(below + at / (1 - self.utilisation))

    @property
    def p_empty(self) -> float:
        """p0: share of time with nobody there"""
        return self.p_state(0)

    def p_state(self, count: int) -> float:
        """p_n: share of time with exactly `count` waiting or served; a^n/n! p0 up to c, then times rho each."""
        count = whole("count", count, 0)
        logs, total = self._log_weights
        log = logs[min(count, self.servers)] - total
        return math.exp(log + max(0, count - self.servers) * math.log(self.utilisation))

    def p_at_least(self, count: int) -> float:
        """P(n >= count); C rho^(n-c) from c on"""
        count = whole("count", count, 0)
        if count >= self.servers:
            return self.p_wait * self.utilisation ** (count - self.servers)
        return math.fsum([self.p_wait, *(self.p_state(n) for n in range(count, self.servers))])

    def places_for(self, share: float) -> float:
        """How many must fit so that only `share` of the arrivals find as many there: P(n >= places) = share.

        places = c + ln(share / C) / ln rho, a real number to be rounded up, for shares in (0, C].
        """
        if not 0 < share <= self.p_wait:
            raise refuse("share", f"above 0 and at most {self.p_wait:g}, the share that waits", share)
        return self.servers + math.log(share / self.p_wait) / math.log(self.utilisation)
