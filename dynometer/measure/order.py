"""What the sweep asks of a measuring process, and what that answers: one JSON object a line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynometer.execution.model import Work
from dynometer.measure.codec import from_json, to_json
from dynometer.measure.naming import Names
from dynometer.measure.spread import numbers
from dynometer.measure.trial import Point, Probe, Trial
from dynometer.workloads.workload import Json


@dataclass(frozen=True)
class Job:
    """The work and its items, as every order needs them."""

    workload: str
    parameters: Mapping[str, Any]
    items: int
    inputs: tuple[Json, ...] | None  # a user's own, in the order of `spread`: those that orders may need
    start_method: str
    inputs_count: int = 0  # how many the user gave in all
    inputs_file: str = ""  # a JSON list that stands for `inputs`: written once, not sent with every order

    def given(self) -> tuple[Json, ...] | None:
        """`inputs`, wherever they are."""
        return tuple(json.loads(Path(self.inputs_file).read_bytes())) if self.inputs_file else self.inputs

    def names(self, items: Sequence[Json]) -> Names:
        """Of the first items in the order of `spread`."""
        return Names(numbers(self.items, self.inputs_count, len(items)), items)

    def work(self, variant: str) -> Work:
        return Work(self.workload, variant, self.parameters)


@dataclass(frozen=True)
class WindowOrder:
    """Measure one window of one point."""

    job: Job
    point: Point
    block: int
    place: int
    attempt: int
    chunk: int
    window_s: float
    longest_s: float
    cpus_usable: float
    sample: int  # items that all windows of the sweep hold, each of them equally often
    items: int | None = None  # of the window; None: calibrate
    is_gil_enabled: bool = True  # when the sweep began


@dataclass(frozen=True)
class ProofOrder:
    """Prove that these points give the values of the reference."""

    job: Job
    reference: Point
    points: tuple[Point, ...]


@dataclass(frozen=True)
class ProbeOrder:
    """Look at one worker's calls of a variant."""

    job: Job
    variant: str
    model: str  # the one-worker model that runs it


@dataclass(frozen=True)
class InspectionOrder:
    """Import a user's own function and tell what it is."""

    workload: str


@dataclass(frozen=True)
class Order:
    """One of them is set."""

    window: WindowOrder | None = None
    proof: ProofOrder | None = None
    probe: ProbeOrder | None = None
    inspection: InspectionOrder | None = None

    def line(self) -> str:
        return json.dumps(to_json(self)) + "\n"


def read_order(line: str) -> Order:
    return from_json(Order, json.loads(line))


@dataclass(frozen=True)
class Proved:
    """Whether a point's values are those of the reference, and what its items took meanwhile."""

    point: Point
    is_equal: bool
    reason: str  # a sentence when they are not
    item_s: float | None  # wall time over items, of few of them
    has_failed: bool = False  # it gave no values at all
    activity: float | None = None  # CPU over wall time, of the reference alone
    mean_item_s: float | None = None  # of the reference alone: over as many items as half a second or two hold
    costs_s: tuple[float, ...] = ()  # of the reference alone: what the first 1, 2, 4, 8, ... items took together


@dataclass(frozen=True)
class Inspected:
    """What a user's own function is, or why it can't be had."""

    is_coroutine: bool = False
    refusal: str = ""  # a sentence
    hint: str = ""
    is_missing: bool = False  # there is nothing by that name


@dataclass(frozen=True)
class Said:
    """One line from a measuring process.

    `kind` is "stage" (with the seconds until the next line must come), "trial", "proved", "probe", "inspected",
    "failed" (with the sentence) or "end".
    """

    kind: str
    stage: str = ""
    limit_s: float = 0.0
    items: int = 0  # that the stage runs one after the other: each may take as long as the plan allows
    reason: str = ""
    trial: Trial | None = None
    proved: Proved | None = None
    probe: Probe | None = None
    inspected: Inspected | None = None
