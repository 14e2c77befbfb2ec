"""Arrivals in batches: a fan-out puts so many tasks into the queue at one instant.

`arrival_per_s` counts tasks, not batches: batches arrive at arrival_per_s / batch.
The shortcut of taking the batch size for ca2 makes the mean wait 14-51 % too short, so it is not here.
"""

import math
from typing import TYPE_CHECKING

from dynometer.capacity.checks import not_negative, offered, stable, whole
from dynometer.capacity.erlang import erlang_c
from dynometer.capacity.waits import Wait, mixture
from dynometer.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_STATES = 500_000  # of the chain: a quarter of a second of computing
LEFT_OUT = 1e-15  # probability of the states beyond the last


def batch_wait_mean_s(
    arrival_per_s: float,
    service_s: float,
    servers: int,
    batch: float,
    arrival_cv2: float = 1.0,
    service_cv2: float = 1.0,
) -> float:
    """Mean wait of a task [s] when tasks come in batches of mean size `batch` (>= 1), batches being ca2 apart.

    Wq ~ S / (2 c (1-rho)) [C (b ca2 + cs2) + (b-1)(1-C)], C of Erlang
    For Poisson batches and exponential service that is Wq(M/M/c) + S (b-1) / (2c (1-rho)): exact for c = 1, and 2-17 %
    too long (the safe side) for c > 1 in the cases of science B.2.
    Source: W. Whitt (1983) on batches as single customers, with Kingman's formula for c = 1; Allen-Cunneen for c > 1.
    Raises Unstable where arrival_per_s * service_s >= servers.
    """
    load = offered(arrival_per_s, service_s)
    if not (math.isfinite(batch) and batch >= 1):
        raise InvalidInput(f"batch must be 1 or above, got {batch}")
    stable(load, whole("servers", servers, 1))
    waiting = erlang_c(servers, load)
    variability = batch * not_negative("arrival_cv2", arrival_cv2) + not_negative("service_cv2", service_cv2)
    return service_s / (2 * (servers - load)) * (waiting * variability + (batch - 1) * (1 - waiting))


def batch_wait(arrival_per_s: float, service_s: float, servers: int, batch: int) -> Wait:
    """The wait of a task when Poisson batches of exactly `batch` tasks with exponential service arrive: exact.

    Between n-1 and n tasks the flows must be equal:  min(n, c) mu p_n = (lambda/b) (p_{n-b} + ... + p_{n-1}).
    The k-th task of a batch (k = 1..b, equally likely) that finds j tasks waits for j + k - c departures.
    Raises Unstable, and InvalidInput where `is_chain_short` does not hold.
    """
    import numpy as np

    load = offered(arrival_per_s, service_s)
    batch = whole("batch", batch, 1)
    stable(load, whole("servers", servers, 1))
    if not is_chain_short(load, servers, batch):
        raise InvalidInput(
            f"batches of {batch:,} at {load / servers:.2%} utilisation need more than {MOST_STATES:,} states",
            hint="Simulate, or use the mean alone: dynometer.capacity.batches.batch_wait_mean_s.",
        )
    states = _states(load, servers, batch)
    found = np.cumsum(np.concatenate([states, np.zeros(batch)]))
    found[batch:] -= found[:-batch].copy()  # found[i]: P(i - b < tasks found <= i)
    departures = found[servers:] / batch  # of j + k - c = m: j in (m + c - 1 - b, m + c - 1]
    return mixture(np.maximum(departures, 0.0), servers / service_s)


def is_chain_short(offered_load: float, servers: int, batch: int) -> bool:
    """Whether `batch_wait` needs no more than some MOST_STATES states: their tail falls by e every (b+1)/(2(1-rho))."""
    tail = -math.log(LEFT_OUT) * (batch + 1) / (2 * (1 - offered_load / servers))
    return servers + 2 * batch + tail <= MOST_STATES


def _states(load: float, servers: int, batch: int) -> "NDArray[np.float64]":
    """p_n for n = 0, 1, ... until LEFT_OUT is left."""
    import numpy as np

    weights, window, total = [1.0], 1.0, 1.0
    enough = servers + 2 * batch
    while len(weights) < enough or window > LEFT_OUT * total * (1 - load / servers):
        count = len(weights)
        if count % batch == 0:  # afresh: what adding and taking away leaves behind would never die out
            window = sum(weights[-batch:])
        weight = load / batch * max(window, 0.0) / min(count, servers)
        weights.append(weight)
        window += weight - (weights[count - batch] if count >= batch else 0.0)
        total += weight
        if weight > 1e200:  # only ratios count; what this makes 0 was nothing beside it
            weights, window, total = [w * 1e-200 for w in weights], window * 1e-200, total * 1e-200
    chain: NDArray[np.float64] = np.array(weights)
    chain /= chain.sum()
    return chain
