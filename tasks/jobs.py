"""Admitting and cancelling jobs: one transaction each, the doorbell after it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class JobRequest:
    """What somebody asks for, still unchecked; `admit` checks it."""

    workload: str
    variant: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    items: int | None = None  # how many the generator makes; None: the workload's default
    inputs: Sequence[object] | None = None  # the user's own items, short lists
    upload_id: int | None = None  # the user's own items, uploaded before
    max_workers: int | None = None
    chunk_items: int | None = None
