"""A queue simulated, one arrival after the other: the cross-check of every formula here.

Ship this rather than a framework: 1e5 arrivals take some 0.05 s, twenty times less than with the simulation libraries.
At 80 % utilisation and 1e5 arrivals the mean wait still strays by 8 %: look at the intervals.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynometer.analysis.student import t_quantile
from dynometer.capacity.checks import between, not_negative, offered, stable, whole
from dynometer.capacity.service import Service
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.float64]

WARM_UP = 0.1  # of the arrivals: the queue starts empty, which is no steady state
FILLS = 20  # arrivals per busy server: twice as many as it takes to fill them leave with the warm-up
PARTS = 20  # independent enough to tell the error by


@dataclass(frozen=True)
class TimesSeen:
    """Waits and responses of a run; intervals from the means of PARTS successive parts of it."""

    p_wait: Estimate
    wait_mean_s: Estimate
    wait_quantile_s: Estimate
    response_mean_s: Estimate
    response_quantile_s: Estimate


@dataclass(frozen=True)
class Simulation(TimesSeen):
    """What happened."""

    arrivals: int  # counted, without the warm-up
    seed: int
    servers: int
    quantile: float
    utilisation: float
    rejected_share: float  # 0 unless the places to wait are limited


def simulate(
    arrival_per_s: float,
    service: Service,
    servers: int,
    *,
    arrival_cv2: float = 1.0,
    batch: int = 1,
    places: int | None = None,
    arrivals: int = 100_000,
    quantile: float = 0.95,
    seed: int = 1,
) -> Simulation:
    """First come, first served, by `servers` servers; gamma-distributed gaps between batches (1: Poisson, 0: constant).

    `places` limits how many can wait; waits and responses are those of the arrivals that are not turned away.
    Raises Unstable where the queue has no steady state, InvalidInput for too few arrivals.
    """
    load = offered(arrival_per_s, service.mean_s)
    if whole("servers", servers, 1) and places is None:
        stable(load, servers)
    _enough(arrivals, load, servers, batch)
    between("quantile", quantile, 0, 1)
    import numpy as np

    generator = np.random.default_rng(whole("seed", seed, 0))
    arrived = arrival_times_s(generator, arrival_per_s, arrival_cv2, batch, arrivals)
    served = service.draw(generator, len(arrived))
    waits = waits_s(arrived, served, servers) if places is None else limited_waits_s(arrived, served, servers, places)
    skip = int(WARM_UP * len(waits))
    is_served = np.isfinite(waits[skip:])
    waits, served = waits[skip:][is_served], served[skip:][is_served]
    utilisation = float(served.sum()) / (servers * float(arrived[-1] - arrived[skip]))
    rejected = 1 - float(is_served.mean())
    seen = times_seen(waits, waits + served, quantile)
    return Simulation(
        **vars(seen), arrivals=len(is_served), seed=seed, servers=servers, quantile=quantile, utilisation=utilisation,
        rejected_share=rejected,
    )  # fmt: skip


def _enough(arrivals: int, load: float, servers: int, batch: int) -> None:
    if whole("arrivals", arrivals, 1_000) < FILLS * min(load, servers) or arrivals < PARTS * batch:
        raise InvalidInput(
            f"{arrivals:,} arrivals are too few to simulate {load:,.0f} erlang in batches of {batch:,}",
            hint=f"Simulate at least {FILLS} arrivals per busy server, and {PARTS} batches.",
        )


def times_seen(waits: "Times", responses: "Times", quantile: float) -> TimesSeen:
    """Means and quantiles of waits and responses in the order of their arrivals."""
    import numpy as np

    def at_quantile(part: "Times") -> Any:
        return np.quantile(part, quantile)

    return TimesSeen(
        p_wait=_estimate((waits > 0).astype(float), np.mean),
        wait_mean_s=_estimate(waits, np.mean),
        wait_quantile_s=_estimate(waits, at_quantile),
        response_mean_s=_estimate(responses, np.mean),
        response_quantile_s=_estimate(responses, at_quantile),
    )


def arrival_times_s(
    generator: "np.random.Generator", arrival_per_s: float, arrival_cv2: float, batch: int, arrivals: int
) -> "Times":
    """When each of at least `arrivals` tasks arrives, shape (n,), rising; the tasks of a batch together."""
    import numpy as np

    batches = math.ceil(arrivals / whole("batch", batch, 1))
    gap = batch / arrival_per_s
    if not_negative("arrival_cv2", arrival_cv2):
        gaps = generator.gamma(1 / arrival_cv2, gap * arrival_cv2, batches)
    else:
        gaps = np.full(batches, gap)
    return np.repeat(gaps.cumsum(), batch)


def waits_s(arrived: "Times", served: "Times", servers: int) -> "Times":
    """The wait of each arrival, shape (n,): a heap of the times at which servers become free."""
    import numpy as np

    free = [0.0] * servers
    waits = []
    for arrival, service in zip(arrived.tolist(), served.tolist(), strict=True):
        begin = max(arrival, free[0])
        heapq.heapreplace(free, begin + service)
        waits.append(begin - arrival)
    return np.array(waits)


def limited_waits_s(arrived: "Times", served: "Times", servers: int, places: int) -> "Times":
    """The same where at most `places` can wait; infinite for those who are turned away."""
    import numpy as np

    free = [0.0] * servers
    begins: deque[float] = deque()  # of those who wait: first come, first served, so the earliest is first
    waits = []
    for arrival, service in zip(arrived.tolist(), served.tolist(), strict=True):
        while begins and begins[0] <= arrival:
            begins.popleft()
        begin = max(arrival, free[0])
        if begin > arrival:
            if len(begins) >= places:
                waits.append(math.inf)
                continue
            begins.append(begin)
        heapq.heapreplace(free, begin + service)
        waits.append(begin - arrival)
    return np.array(waits)


def _estimate(values: "Times", statistic: Callable[["Times"], Any]) -> Estimate:
    import numpy as np

    value = float(statistic(values))
    parts = [float(statistic(part)) for part in np.array_split(values, PARTS)]
    half = t_quantile(PARTS - 1) * float(np.std(parts, ddof=1)) / math.sqrt(PARTS)
    return Estimate(value, value - half, value + half)
