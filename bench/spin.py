"""The work that every engine does here: a fixed number of steps of pure Python, the same for all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, KnownAnswer, Workload

STAGGER = 16  # neighbours differ by a step, so that an order gone wrong shows in the values


def spin(steps: int) -> int:
    """`steps` steps of a linear congruential generator: pure Python, no memory, nothing to cache."""
    state = steps
    for _ in range(steps):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
    return state


@dataclass(frozen=True)
class Mix:
    """Which items take how many steps: light ones, and now and then or at the end heavy ones."""

    steps: int = param(1000, "Steps of a light item.", low=0, high=10**10)
    heavy_every: int = param(0, "Every how manieth item is heavy; 0 for none.", low=0, high=10**9)
    heavy_from: int = param(0, "From which item on all are heavy; 0 for none.", low=0, high=10**9)
    heavy_steps: int = param(0, "Steps of a heavy item.", low=0, high=10**10)

    def of(self, item: int) -> int:
        """Steps of item `item`."""
        if self.heavy_every and item % self.heavy_every == self.heavy_every // 2:
            return self.heavy_steps
        if self.heavy_from and item >= self.heavy_from:
            return self.heavy_steps
        return self.steps + item % STAGGER

    def all_of(self, items: int) -> list[int]:
        """Steps of the first `items` items."""
        return [self.of(item) for item in range(items)]


def prepare(mix: Mix) -> Call:
    """The function of one item: its number -> the generator's last state."""
    if mix.heavy_every or mix.heavy_from:
        return lambda item: spin(mix.of(item))
    steps = mix.steps
    return lambda item: spin(steps + item % STAGGER)


def steps_per_second() -> float:
    """How fast this core spins now; the best of a few short tries."""
    steps, best = 200_000, float("inf")
    for _ in range(5):
        start = perf_counter()
        spin(steps)
        best = min(best, perf_counter() - start)
    return steps / best


spun = lru_cache(maxsize=1000)(spin)  # for checking: there are few different items


def expected_digest(steps: Sequence[int]) -> str:
    """The digest of the right values in the right order."""
    return digest([spun(step) for step in steps])


def digest(values: Sequence[int]) -> str:
    return hashlib.sha256(json.dumps(list(values)).encode()).hexdigest()


def item_number(index: int, mix: Mix) -> int:
    return index


WORKLOAD = Workload(
    key="spin", title="Spin", description="Fixed pure-Python work, for benchmarks.",
    teaches="What an engine costs besides the work.", parameters=Mix, variants={"python": prepare},
    item_at=item_number, default_items=1000, item_help="a number",
    known_answer=KnownAnswer(items=1, parameters={"steps": 0}, value=[0], source="no step leaves the start value"),
)  # fmt: skip
