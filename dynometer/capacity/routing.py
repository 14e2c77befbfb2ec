"""Web processes behind a balancer that picks one at random, without looking whether it is busy.

The formulas have one queue for all, from which whoever is free takes the next: more than any balancer does.  Here each
request belongs to its process from the start.  Spread at random, the processes are alike and independent, so one of
them is simulated: it starts as many requests at once as it has threads, first come first served, computes one at a time
under its interpreter lock, and lets the waits overlap.
"""

import heapq
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dynometer.capacity.checks import Unstable, is_stable, whole
from dynometer.capacity.measured import Measured
from dynometer.capacity.simulate import PARTS, WARM_UP, TimesSeen, times_seen
from dynometer.capacity.station import Load
from dynometer.capacity.web_tier import WebNode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.float64]

ARRIVALS = 100_000  # 0.1 s; the p95 strays by 2 % at 60 % utilisation


@dataclass(frozen=True, eq=False)
class Shares:
    """Times that were seen, asked as the distributions of a station are asked."""

    times_s: "Times"  # rising

    def tail(self, time_s: float) -> float:
        """The share that is later."""
        return 1 - float(self.times_s.searchsorted(time_s, side="right")) / len(self.times_s)

    def quantile_s(self, quantile: float) -> float:
        import numpy as np

        return float(np.quantile(self.times_s, quantile))


@dataclass(frozen=True, eq=False)
class Routed:
    """One process of many, each of which gets its share of the requests at random."""

    processes: int
    arrivals: int  # at the one that was simulated, counted without the warm-up
    seed: int
    utilisation: float  # of what the node can serve
    times: TimesSeen
    wait: Shares  # for a thread and for the lock
    response: Shares
    rejected_share: float = 0.0

    def response_tail(self, time_s: float) -> float:
        return self.response.tail(time_s)

    def response_quantile_s(self, quantile: float) -> float:
        return self.response.quantile_s(quantile)


@dataclass(frozen=True)
class Process:
    """What one process of a node does with a request."""

    threads: int
    computing: float  # of a service, under the lock
    stretch: float  # how much longer computing takes when all processes of the node share its cores

    @cached_property
    def waiting(self) -> float:
        return 1 - self.computing


def process_of(node: WebNode) -> Process:
    total_s = node.service_cpu_s if node.service_cpu_total_s is None else node.service_cpu_total_s
    shared_s = node.processes * total_s / node.cores if node.cores else total_s
    stretch = max(1.0, shared_s / node.service_cpu_s) if node.service_cpu_s else 1.0
    return Process(node.threads, node.service_cpu_s / node.service_s, stretch)


def route(load: Load, node: WebNode, nodes: int, quantile: float, *, seed: int = 1, arrivals: int = ARRIVALS) -> Routed:
    """What requests meet that are spread at random over all processes of `nodes` nodes.

    Raises Unstable where a process can't do its share, InvalidInput for a seed below 0.
    """
    import numpy as np

    processes = whole("nodes", nodes, 1) * node.processes
    utilisation = load.arrival_per_s / (nodes * node.capacity_per_s)
    if not is_stable(utilisation, 1):
        raise Unstable
    generator = np.random.default_rng(whole("seed", seed, 0))
    arrived = _arrivals_s(generator, load, 1 / processes, max(arrivals, PARTS * load.batch))
    process = process_of(node)
    computing, waiting = _parts(generator, load, process, len(arrived))
    waits = _waits_s(arrived, computing * process.stretch, waiting, process.threads)
    skip = int(WARM_UP * len(waits))
    waits, responses = waits[skip:], (waits + computing * process.stretch + waiting)[skip:]
    seen = times_seen(waits, responses, quantile)
    return Routed(processes, len(waits), seed, utilisation, seen, Shares(np.sort(waits)), Shares(np.sort(responses)))


def _arrivals_s(generator: "np.random.Generator", load: Load, share: float, count: int) -> "Times":
    """When each of `count` requests arrives at one process that gets a `share` of all, chosen by lot, shape (count,).

    Between two of them so many go elsewhere as a lot decides; the gaps of their batches are summed up in one draw.
    """
    import numpy as np

    batch = np.cumsum(generator.geometric(share, count)) // load.batch
    passed = np.diff(batch, prepend=0).astype(float)
    gap_s = load.batch / load.arrival_per_s
    if load.arrival_cv2 == 0:
        return np.cumsum(passed * gap_s)
    gaps = np.zeros(count)
    moved = passed > 0
    gaps[moved] = generator.gamma(passed[moved] / load.arrival_cv2, gap_s * load.arrival_cv2)
    return np.cumsum(gaps)


def _parts(generator: "np.random.Generator", load: Load, process: Process, count: int) -> tuple["Times", "Times"]:
    """Computing and waiting of each request, shapes (count,): drawn apart; a measured service is one draw, split."""
    if isinstance(load.service, Measured):
        whole_s = load.service.draw(generator, count)
        return whole_s * process.computing, whole_s * process.waiting
    drawn = [
        load.service.scaled(share).draw(generator, count) if share > 0 else 0 * generator.random(count)
        for share in (process.computing, process.waiting)
    ]
    return drawn[0], drawn[1]


def _waits_s(arrived: "Times", computing: "Times", waiting: "Times", threads: int) -> "Times":
    """What each request waits for a thread and then for the lock, shape (n,); it computes first, and waits then."""
    import numpy as np

    free, unlocked_s, waits = [0.0] * min(threads, len(arrived)), 0.0, []
    for arrival, computes_s, waits_s in zip(arrived.tolist(), computing.tolist(), waiting.tolist(), strict=True):
        begin = max(arrival, free[0], unlocked_s)
        unlocked_s = begin + computes_s
        heapq.heapreplace(free, unlocked_s + waits_s)
        waits.append(begin - arrival)
    return np.array(waits)
