"""The work that every engine does here: a fixed number of steps of pure Python, the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, KnownAnswer, Workload


def spin(steps: int) -> int:
    """`steps` steps of a linear congruential generator: pure Python, no memory, nothing to cache."""
    state = steps
    for _ in range(steps):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
    return state


@dataclass(frozen=True)
class Mix:
    """Which items take how many steps: every `heavy_every`-th takes `heavy_steps`, all others `steps`."""

    steps: int = param(1000, "Steps of a light item.", low=0, high=10**10)
    heavy_every: int = param(0, "Every how manieth item is heavy; 0 for none.", low=0, high=10**9)
    heavy_steps: int = param(0, "Steps of a heavy item.", low=0, high=10**10)

    def of(self, item: int) -> int:
        """Steps of item `item`."""
        is_heavy = self.heavy_every and item % self.heavy_every == self.heavy_every // 2
        return self.heavy_steps if is_heavy else self.steps


def prepare(mix: Mix) -> Call:
    """The function of one item: its number -> the generator's last state."""
    if mix.heavy_every == 0:
        steps = mix.steps
        return lambda item: spin(steps)
    return lambda item: spin(mix.of(item))


def steps_per_second() -> float:
    """How fast this core spins now; the best of a few short tries."""
    steps, best = 200_000, float("inf")
    for _ in range(5):
        start = perf_counter()
        spin(steps)
        best = min(best, perf_counter() - start)
    return steps / best


def item_number(index: int, mix: Mix) -> int:
    return index


WORKLOAD = Workload(
    key="spin", title="Spin", description="Fixed pure-Python work, for benchmarks.",
    teaches="What an engine costs besides the work.", parameters=Mix, variants={"python": prepare},
    item_at=item_number, default_items=1000, item_help="a number",
    known_answer=KnownAnswer(items=1, parameters={"steps": 0}, value=[0], source="no step leaves the start value"),
)  # fmt: skip

Work = Callable[[int], int]
