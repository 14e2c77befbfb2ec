"""What a sweep is going to measure, checked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dynometer.measure.trial import Point, Setback
from dynometer.workloads.workload import Json


@dataclass(frozen=True)
class Plan:
    """A sweep: its points, and when it is enough.  Built and checked by `dynometer.measure.planning.make_plan`."""

    workload: str  # a key of dynometer.workloads, "file.py:function" or "package.module:function"
    parameters: Mapping[str, Any]
    items: int  # of the job in mind; windows take them in the order of `dynometer.measure.spread`, again and again
    inputs: tuple[Json, ...] | None  # the user's own items; None: the workload makes them
    points: tuple[Point, ...]
    baseline: Point  # the sequential one: first or last in every block, speed-ups are over it
    budget_s: float  # of wall time; then points keep what they have
    seed: int  # of the blocks' order
    start_method: str  # fork, spawn or forkserver
    library_threads: int = 1  # BLAS and OpenMP threads per worker
    window_s: float = 0.5  # the shortest window
    blocks_least: int = 5
    blocks_most: int = 20
    precision: float = 0.03  # enough when every point's 95 % interval is within +-3 %
    item_limit_s: float = 300.0  # an item that takes longer makes its point fail
    diagnoses: bool = True  # whether the points and probes that diagnosis needs are measured too
    setbacks: tuple[Setback, ...] = ()  # points asked for that can't be had: known before anything starts
    inputs_file: str = ""  # the name by which the user gave them
    diagnostic: tuple[Point, ...] = ()  # of `points`: not asked for, but wanted by the diagnosis; fewer windows do
