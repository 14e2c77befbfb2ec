"""What an engine's module offers: `started(services)`, a context in which a function does whole jobs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Run = Callable[[Sequence[int]], Sequence[int]]  # steps of each item -> value of each, in order


@dataclass(frozen=True)
class Services:
    """What engines that need one may use; a database of their own."""

    broker_url: str
    database_url: str
