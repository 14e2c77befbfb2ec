"""The classic tutorial case: the sum of n random integers, some items of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator, seed_of
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload


@dataclass(frozen=True)
class Parameters:
    numbers: int = param(1_000_000, "How many random integers each item adds up.", unit="numbers", low=1, high=100_000_000)
    low: int = param(1, "The smallest integer drawn.", low=-1_000_000_000, high=1_000_000_000)
    high: int = param(100, "The largest integer drawn.", low=-1_000_000_000, high=1_000_000_000)
    seed: int = param(1, "The same seed draws the same numbers, however the job is split.", low=0, high=2**63 - 1)


def python(parameters: Parameters) -> Call:
    def call(item: int) -> int:
        draw = generator(parameters.seed, item).randint
        low, high = parameters.low, parameters.high
        return sum(draw(low, high) for _ in range(parameters.numbers))

    return call


