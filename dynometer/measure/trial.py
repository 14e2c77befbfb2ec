"""A trial: one timed window of one point, with all that speaks for and against it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, order=True)
class Point:
    """What a curve is made of: a variant under a model with so many workers."""

    model: str
    variant: str
    workers: int


@dataclass(frozen=True)
class Signals:
    """What was seen beside the clock during a window; None where this machine can't tell.  Shares are of the wall time.

    Sources: dynometer/measure/detectors.py says where each is read and which value is doubted.
    """

    run_delay_share: float | None = None  # own tasks runnable but not running, per worker
    cpu_pressure_share: float | None = None  # "some" of the CPU pressure file
    others_cores: float | None = None  # cores that neither we nor our children kept busy
    throttled_periods: int | None = None  # cgroup quota
    steal_share: float | None = None
    clock_change: float | None = None  # relative change of a calibrated spin around the window
    major_faults: int | None = None
    spin_s: float | None = None  # CPU time of that spin: tells windows at another clock apart


@dataclass(frozen=True)
class Trial:
    """One timed window.  It counts when nothing is in `rejected`."""

    point: Point
    block: int  # every point once per block, in random order
    place: int  # in the block's order
    attempt: int  # 1, and more when windows before it were rejected
    items: int
    chunk: int  # items that travelled together
    wall_s: float
    cpu_s: float  # of this process and all workers, user and system
    system_cpu_s: float
    worker_cpu_s: float | None  # of the workers' own threads
    voluntary_switches: int | None
    signals: Signals
    rejected: tuple[str, ...] = ()  # sentences: why it does not count
    doubts: tuple[str, ...] = ()  # sentences: it counts, with these
    startup_s: float = 0.0  # until every worker had answered a no-op
    warmup_s: float = 0.0
    memory_pss_bytes: int | None = None  # of this process and all workers; None where the system can't tell
    start_method: str = ""  # "" for models without processes
    sample: int = 0  # distinct items in it, each of them equally often: the same ones in all windows of a sweep
    begun_s: float | None = None  # of the sweep's budget that was spent when its process was started
    nodes: int | None = None  # worker nodes that were alive, of a window on a cluster; None for one on one node

    @property
    def is_accepted(self) -> bool:
        return not self.rejected

    @property
    def throughput_per_s(self) -> float:
        """Items per second."""
        return self.items / self.wall_s


class Standing(StrEnum):
    """Why a point has no curve."""

    VOID = "void"  # its values are not those of the reference
    UNAVAILABLE = "unavailable"  # this Python or this workload can't have it
    FAILED = "failed"  # it raised, died or never ended
    NOT_BEGUN = "not begun"  # the budget was spent before its turn


@dataclass(frozen=True)
class Setback:
    """A point that was not measured, or not to the end, and why: shown, never dropped."""

    point: Point
    standing: Standing
    reason: str  # a sentence


@dataclass(frozen=True)
class Probe:
    """What one worker's calls are like, from windows of their own (science D.1)."""

    variant: str
    pickle_cpu_s: float | None  # dumps and loads of item and value, both ways, per item
    pickle_bytes: float | None  # per item
    tick_overshoot_s: float | None  # median lateness of a 1 ms sleep in another thread while one worker computes
    gil_share: float | None  # of gilknocker, where it is installed
    call_overhead_s: float | None = None  # the instrument's own, of the sequential model around an empty function


@dataclass(frozen=True)
class Ended:
    """The sweep begins no further block although points want one."""

    reason: str  # a sentence
