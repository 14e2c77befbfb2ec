"""What crosses the border between the engine and the database, frozen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Slot:
    """One worker process of a node: who claims and records."""

    node_id: int
    index: int
    pid: int


@dataclass(frozen=True)
class Piece:
    """A run of items to become a ready chunk; `budget_s` is how long it may run before it gives the rest back."""

    first_item: int
    item_count: int
    budget_s: float
    attempt: int = 0


@dataclass(frozen=True)
class Claimed:
    """A chunk held by this process until `lease_until`; `fence` proves it when recording."""

    job_id: int
    first_item: int
    item_count: int
    fence: int
    attempt: int
    budget_s: float


@dataclass(frozen=True)
class Outcome:
    """What came of the first `items_run` items of a claimed chunk."""

    items_run: int
    values: str  # a JSON array, null where an item failed
    errors: Mapping[int, str]  # place in the chunk -> sentence
    busy_s: float
    partial: Any = None  # of the combined value; None when the workload does not combine


@dataclass(frozen=True)
class OpenChunks:
    """How many chunks of a job wait and run."""

    ready: int
    running: int


def as_json(value: Any) -> str | None:
    """`value` as JSON text; None stays None."""
    return None if value is None else json.dumps(value)
