"""The load by others: what keeps a figure from being trusted, so it is shown beside each."""

from dataclasses import dataclass
from time import perf_counter

import psutil


@dataclass(frozen=True)
class CpuUse:
    """CPU seconds used since boot: on the whole machine, and by this process with all that it started."""

    at_s: float
    machine_s: float
    own_s: float

    def others_since(self, before: "CpuUse") -> float:
        """Cores that others kept busy on average since `before`."""
        others_s = (self.machine_s - before.machine_s) - (self.own_s - before.own_s)
        return max(0.0, others_s / (self.at_s - before.at_s))


def cpu_use() -> CpuUse:
    return CpuUse(perf_counter(), machine_s(), tree_s(psutil.Process()))


def machine_s() -> float:
    """CPU seconds of all CPUs that were not idle."""
    times = psutil.cpu_times()._asdict()
    idle = ("idle", "iowait", "guest", "guest_nice")  # guests are in user already
    return float(sum(seconds for name, seconds in times.items() if name not in idle))


def tree_s(root: psutil.Process) -> float:
    """CPU seconds of `root` and all below it; of ended children as far as their parents waited for them."""
    total = 0.0
    for process in tree(root):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def tree(root: psutil.Process) -> list[psutil.Process]:
    """`root` and all processes below it."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
