"""The roofline of worker scaling: linear up to the cores, flat beyond; and its kin under one GIL.

X(N) = gamma min(N, C).  C = 1 is the curve of pure Python threads under one GIL.
Idea: S. Williams, A. Waterman, D. Patterson, Communications of the ACM 52 (2009): the lowest ceiling counts.
"""

from dynometer.analysis.ranges import at_least
from dynometer.errors import InvalidInput


def throughput(workers: float, gamma: float, cores: float) -> float:
    """X(N) [unit of gamma, e.g. items/s] of `workers` > 0 with `gamma` > 0 each on `cores` > 0 (a quota may be 1.5)."""
    for name, value in (("workers", workers), ("gamma", gamma), ("cores", cores)):
        at_least(name, value, 0, is_open=True)
    return gamma * min(workers, cores)


def workers_at_throughput(throughput: float, gamma: float, cores: float) -> float:
    """The N that reaches `throughput`: X / gamma.  Refuses what lies above the plateau gamma C."""
    at_least("gamma", gamma, 0, is_open=True)
    at_least("throughput", throughput, 0, is_open=True)
    if throughput > gamma * cores:
        raise InvalidInput(f"{cores:.6g} cores deliver {gamma * cores:.6g} at most: {throughput:.6g} can't be reached.",
                           hint="Add a node.")
    return throughput / gamma


def gil_bound(workers: float, cpu_s: float, wait_s: float) -> float:
    """The most items/s that `workers` >= 1 threads reach when each item holds one GIL for `cpu_s` and waits `wait_s`.

    X(n) <= min(1 / s_cpu, n / (s_cpu + s_wait)).  Refuses negative times and items that take none.
    """
    at_least("workers", workers, 1)
    at_least("CPU time", cpu_s, 0)
    at_least("waiting time", wait_s, 0)
    at_least("time of an item", cpu_s + wait_s, 0, is_open=True)
    alone = workers / (cpu_s + wait_s)
    return min(alone, 1 / cpu_s) if cpu_s else alone


def gil_knee(cpu_s: float, wait_s: float) -> float:
    """The threads after which one GIL is full: n = (s_cpu + s_wait) / s_cpu; `cpu_s` > 0."""
    at_least("CPU time", cpu_s, 0, is_open=True)
    at_least("waiting time", wait_s, 0)
    return (cpu_s + wait_s) / cpu_s
