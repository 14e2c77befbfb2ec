"""Web nodes: processes with threads, where each request computes for a while under its process's lock, and waits.

s = s_cpu + s_wait per request.  A process has one interpreter lock, so it computes one request at a time.
"""

import math
from dataclasses import dataclass, replace

from dynometer.capacity.checks import not_negative, positive, refuse, whole
from dynometer.capacity.station import Load
from dynometer.errors import InvalidInput

UTILISATION = 0.7  # of a web node, unless asked otherwise


def process_capacity_per_s(threads: int, service_s: float, service_cpu_s: float) -> float:
    """min(t / s, 1 / s_cpu) [requests/s]: as many as there are threads, and one at a time under the lock.

    t >= 1 threads, s the whole service, s_cpu its part under the lock [s], 0 <= s_cpu <= s; raises InvalidInput.
    """
    whole("threads", threads, 1)
    if not_negative("service_cpu_s", service_cpu_s) > positive("service_s", service_s) * (1 + 1e-9):
        raise refuse("service_cpu_s", f"at most the whole service of {service_s:g} s", service_cpu_s)
    return min(threads / service_s, 1 / service_cpu_s if service_cpu_s else math.inf)


def asgi_capacity_per_s(service_s: float, service_cpu_s: float, connections: int) -> float:
    """min(1 / s_cpu, limit / s) [requests/s] of an event loop that serves up to `connections` at once.

    The same as that many threads, which cost it nothing.
    """
    return process_capacity_per_s(connections, service_s, service_cpu_s)


@dataclass(frozen=True)
class WebNode:
    """What one web node is made of.  Raises InvalidInput for what is no node."""

    processes: int
    threads: int  # of each process; for ASGI its connection limit
    service_s: float  # of a request, computing and waiting
    service_cpu_s: float  # computing, under the lock
    cores: float | None = None  # None: one for each process
    service_cpu_total_s: float | None = None  # with what computes outside the lock; None: the same

    def __post_init__(self) -> None:
        whole("processes", self.processes, 1)
        process_capacity_per_s(self.threads, self.service_s, self.service_cpu_s)
        if self.cores is not None:
            positive("cores", self.cores)
        if self.service_cpu_total_s is not None and self.service_cpu_total_s < self.service_cpu_s:
            raise InvalidInput("service_cpu_total_s must not be below service_cpu_s, which it includes")

    @property
    def process_per_s(self) -> float:
        """Capacity of one process [requests/s]"""
        return process_capacity_per_s(self.threads, self.service_s, self.service_cpu_s)

    @property
    def cores_per_s(self) -> float:
        """What the cores can compute [requests/s]: cores / s_cpu, with all that computes"""
        total = self.service_cpu_s if self.service_cpu_total_s is None else self.service_cpu_total_s
        return (self.cores or self.processes) / total if total else math.inf

    @property
    def capacity_per_s(self) -> float:
        """min(P * process, cores / s_cpu) [requests/s]"""
        return min(self.processes * self.process_per_s, self.cores_per_s)

    @property
    def bottleneck(self) -> str:
        """threads, interpreter lock, or cores: which is full first"""
        if self.cores_per_s < self.processes * self.process_per_s * (1 - 1e-9):
            return "cores"
        return "threads" if self.threads * self.service_cpu_s < self.service_s * (1 - 1e-9) else "interpreter lock"

    @property
    def threads_enough(self) -> int | None:
        """ceil(s / s_cpu): with more per process they wait for each other's lock; None when nothing computes"""
        return math.ceil(self.service_s / self.service_cpu_s - 1e-9) if self.service_cpu_s else None

    @property
    def worth_servers(self) -> float:
        """capacity * s: the requests in flight at full rate (Little), as many as that many plain servers"""
        return self.capacity_per_s * self.service_s


def nodes_at_utilisation(arrival_per_s: float, node: WebNode, utilisation: float = UTILISATION, spare: int = 0) -> int:
    """ceil(lambda / (rho capacity)) + spare nodes, for the mean load alone"""
    if not 0 < utilisation <= 1:
        raise refuse("utilisation", "above 0 and at most 1", utilisation)
    needed = positive("arrival_per_s", arrival_per_s) / (utilisation * node.capacity_per_s)
    return max(1, math.ceil(needed - 1e-9)) + whole("spare", spare, 0)


def web_queue(load: Load, node: WebNode, nodes: int) -> tuple[Load, int]:
    """`nodes` of them as one queue: the load, and floor(nodes * worth) servers, each as quick as one request alone.

    Below one server's worth: one server, and as much slower.
    """
    worth = whole("nodes", nodes, 1) * node.worth_servers * (1 + 1e-12)
    if worth < 1:
        load = replace(load, service=load.service.scaled(1 / worth))
    return load, max(1, math.floor(worth))
