"""A load, and how so many servers bear it: the formula that fits is chosen here, and named."""

from dataclasses import dataclass

from dynometer.capacity import batches, gg_c
from dynometer.capacity.backlog import FiniteQueue
from dynometer.capacity.checks import not_negative, offered, stable, whole
from dynometer.capacity.erlang import erlang_c
from dynometer.capacity.response import response_quantile_s, response_tail
from dynometer.capacity.service import Service
from dynometer.capacity.waits import NO_WAIT, ErlangMixtureWait, ExponentialWait, Wait
from dynometer.errors import InvalidInput


@dataclass(frozen=True)
class Load:
    """What arrives, and what each takes.  Raises InvalidInput for numbers that are no load."""

    arrival_per_s: float  # tasks or requests, not batches
    service: Service
    arrival_cv2: float = 1.0  # of the gaps between batches: 1 Poisson, 0 evenly spaced
    batch: int = 1  # arrive together
    places: int | None = None  # to wait in; who finds none is turned away; None: no limit

    def __post_init__(self) -> None:
        offered(self.arrival_per_s, self.service.mean_s)
        not_negative("arrival_cv2", self.arrival_cv2)
        whole("batch", self.batch, 1)
        if self.places is not None:
            whole("places", self.places, 0)
            if not (self.is_memoryless and self.batch == 1):
                raise InvalidInput(
                    "a limited backlog is planned for Poisson arrivals and exponential service alone",
                    hint="Leave out the backlog (its limit only shortens waits), or the cv2 and batch beside it.",
                )

    @property
    def offered_load(self) -> float:
        """a = lambda S [erlang]"""
        return self.arrival_per_s * self.service.mean_s

    @property
    def is_memoryless(self) -> bool:
        """Poisson arrivals (or batches) and exponential service, as Erlang's formulas assume"""
        return self.arrival_cv2 == 1 and self.service.name == "exponential"

    @property
    def variability(self) -> float:
        """(ca2 + cs2) / 2: the mean wait over that of M/M/c"""
        return (self.arrival_cv2 + self.service.cv2) / 2


@dataclass(frozen=True)
class Station:
    """So many servers under a load, in the steady state."""

    servers: int
    utilisation: float  # share of the servers' time in use
    wait: Wait  # of those who are served
    service: Service
    accepted_per_s: float
    rejected_share: float  # 0 unless the backlog is limited
    formula: str
    is_exact: bool

    @property
    def p_wait(self) -> float:
        return self.wait.p_wait

    @property
    def wait_mean_s(self) -> float:
        return self.wait.mean_s

    @property
    def response_mean_s(self) -> float:
        return self.wait_mean_s + self.service.mean_s

    @property
    def queue_mean(self) -> float:
        """Lq = lambda Wq"""
        return self.accepted_per_s * self.wait_mean_s

    @property
    def in_system_mean(self) -> float:
        """L = lambda W"""
        return self.accepted_per_s * self.response_mean_s

    def response_tail(self, time_s: float) -> float:
        return response_tail(time_s, self.wait, self.service)

    def response_quantile_s(self, quantile: float) -> float:
        return response_quantile_s(quantile, self.wait, self.service)


def station(load: Load, servers: int) -> Station:
    """How `servers` bear `load`.  Raises Unstable where they can't and the backlog has no limit."""
    whole("servers", servers, 1)
    if load.places is not None:
        return _finite(load, servers, load.places)
    stable(load.offered_load, servers)
    wait, formula, is_exact = _batches(load, servers) if load.batch > 1 else _singles(load, servers)
    rho = load.offered_load / servers
    return Station(servers, rho, wait, load.service, load.arrival_per_s, 0.0, formula, is_exact)


def _finite(load: Load, servers: int, places: int) -> Station:
    queue = FiniteQueue(load.arrival_per_s, load.service.mean_s, servers, places)
    formula = f"M/M/c/K, {places} places to wait" if places else "Erlang B, no place to wait"
    return Station(
        servers, queue.utilisation, queue.wait, load.service, queue.accepted_per_s, queue.rejected_share, formula, True
    )


def _singles(load: Load, servers: int) -> tuple[Wait, str, bool]:
    """Wait of arrivals one by one: 0 with 1 - C, else exponential, with the mean of the formula that is named."""
    mean = gg_c.allen_cunneen_wait_mean_s(
        load.arrival_per_s, load.service.mean_s, servers, load.arrival_cv2, load.service.cv2
    )
    waiting = erlang_c(servers, load.offered_load)
    wait = ExponentialWait(waiting, waiting / mean) if mean > 0 else NO_WAIT
    if load.is_memoryless:
        return wait, "Erlang C (M/M/c)", True
    if servers > 1:
        return wait, "Allen-Cunneen (G/G/c)", False
    name = "Pollaczek-Khinchine (M/G/1)" if load.arrival_cv2 == 1 else "Kingman (G/G/1)"
    return wait, name, False


def _batches(load: Load, servers: int) -> tuple[Wait, str, bool]:
    """Wait of the tasks of batches: the exact chain, its times stretched where another mean is known."""
    given = (load.arrival_per_s, load.service.mean_s, servers, load.batch)
    mean = batches.batch_wait_mean_s(*given, load.arrival_cv2, load.service.cv2)
    if not batches.is_chain_short(load.offered_load, servers, load.batch):
        return ExponentialWait(1.0, 1 / mean), "batches (mean of G[b]/G/c, exponential)", False
    chain = batches.batch_wait(*given)
    if load.is_memoryless:
        return chain, "batches (M[b]/M/c chain)", True
    if not isinstance(chain, ErlangMixtureWait):
        return chain, "batches (nobody waits)", False
    stretch = mean / batches.batch_wait_mean_s(*given)
    stretched = ErlangMixtureWait(chain.departures, chain.rate_per_s / stretch)
    return stretched, "batches (M[b]/M/c chain, stretched to the mean of G[b]/G/c)", False
