"""What diagnosis and advice judge: numbers alone, so that each rule can be tested with a made-up row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dynometer.analysis.choice import Choice
from dynometer.estimate import Estimate
from dynometer.measure.trial import Setback


@dataclass(frozen=True)
class CurvePoint:
    """One point, summed up over its accepted trials."""

    workers: int
    throughput_per_s: Estimate
    speedup: Estimate | None  # over the sequential baseline of the same variant-independent reference, within blocks
    grade: str  # A, B, C or invalid
    startup_s: float
    memory_pss_bytes: int | None


@dataclass(frozen=True)
class Curve:
    """One variant under one model."""

    model: str
    variant: str
    points: tuple[CurvePoint, ...]  # by rising workers
    law: Choice | None = None  # None: too few points

    def at(self, workers: int) -> CurvePoint | None:
        return next((point for point in self.points if point.workers == workers), None)

    @property
    def best(self) -> CurvePoint | None:
        """The point of most throughput among those that are not invalid."""
        valid = [point for point in self.points if point.grade != "invalid"]
        return max(valid, key=lambda point: point.throughput_per_s.value, default=None)


@dataclass(frozen=True)
class Observables:
    """D.1 of the science: what one and two workers show of a variant.  None: not measured."""

    activity: float | None = None  # A1: CPU / (wall - run delay) of one worker
    thread_use_ratio: float | None = None  # Ux2: cores in use by 2 threads over by 1
    thread_speedup: float | None = None  # S2 of threads
    thread_speedup_4: float | None = None
    process_speedup: float | None = None  # S2 of processes
    process_cpu_ratio: float | None = None  # cinfl2: CPU per item with 2 processes over with 1
    thread_cpu_ratio: float | None = None  # the same with threads
    hidden_threads: float | None = None  # hid: process CPU over the CPU of the workers' own threads
    switches_1: float | None = None  # voluntary context switches per item, 1 worker
    switches_4: float | None = None  # with the most thread workers measured
    pickle_s: float | None = None  # CPU per item, both ways
    call_s: float | None = None  # wall of one item, sequential
    call_cpu_s: float | None = None
    system_share: float | None = None  # of the CPU time
    tick_overshoot_s: float | None = None
    gil_share: float | None = None  # gilknocker
    # Of one point, the one that others disturbed most: medians over its accepted windows, or all where none was
    # accepted.  Only points behind these numbers, with no more workers than CPUs: beyond them they delay one another.
    run_delay_share: float | None = None
    pressure_share: float | None = None
    others_cores: float | None = None  # that neither the instrument nor its workers kept busy
    throttled: bool = False
    cpu_quota: float | None = None  # cores, of the cgroup; None: no limit, or not known
    parent_cores: float | None = None  # kept busy beside 2 worker processes: by their parent, or a manager
    process_overhead: float | None = None  # CPU per item with 1 process over sequential
    chunk: int | None = None  # items that travelled together; None: chunks of 5 ms are assumed
    library_threads: int | None = None  # BLAS or OpenMP threads allowed per worker
    library_workers: int = 2  # the most workers with which `hidden_threads` was seen
    faults_per_item: float | None = None  # page faults, minor ones too
    working_set_bytes: int | None = None  # of one item
    l2_bytes: int | None = None
    held_share: float | None = None  # of an item's time that a lock or a limit is held, where the workload tells it


@dataclass(frozen=True)
class Facts:
    """Everything known after a sweep."""

    workload: str
    cpus_usable: float
    observables: Observables
    curves: tuple[Curve, ...]
    item_count: int  # of the job the user has in mind: the workload's default, or --items
    is_free_threaded: bool = False  # runs without the GIL: a free-threaded build where no extension switched it on
    python: str = "3.11"
    available_models: frozenset[str] = field(default_factory=frozenset)  # empty: not known
    unavailable: Mapping[str, str] = field(default_factory=dict)  # model -> reason
    variant: str = ""  # the one that `observables` speak of; "": that of the sequential curve
    setbacks: tuple[Setback, ...] = ()  # void, unavailable and failed points
    nodes: int = 1  # machines at hand, this one included: those of cluster points, where such were measured
    memory_bytes: int | None = None  # of this machine
    concurrency_limit: int | None = None  # what the far side bears in flight
    wanted_rate_per_s: float | None = None  # None: as fast as possible
    workers_in_use: int | None = None  # today; None: the most measured
    is_service: bool = False  # long-lived, with a loop of its own, to be restarted when it dies
    shared_operations_per_s: float | None = None  # on a shared mutable dict that is the interface; None: there is none
    unsafe_extensions: tuple[str, ...] = ()  # that free threading would break or slow down

    def curve(self, model: str, variant: str | None = None) -> Curve | None:
        return next((c for c in self.curves if c.model == model and variant in (None, c.variant)), None)

    @property
    def base_variant(self) -> str | None:
        """The variant that the observables and the baseline speak of; None where nothing tells it."""
        sequential = self.curve("sequential") or next(iter(self.curves), None)
        return self.variant or (sequential.variant if sequential else None)
