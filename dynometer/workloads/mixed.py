"""Computes a little, then waits: the shape of most web requests."""

import time
from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.random_sum import Total
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, CoroutineCall, KnownAnswer, Workload

HIGHEST = 100


@dataclass(frozen=True)
class Parameters:
    numbers: int = param(8_000, "How many random integers each item adds up: 1,000 take some 0.25 ms.", unit="numbers",
                         low=1, high=10_000_000)
    wait_s: float = param(0.008, "How long it waits after that.", unit="s", low=0.0, high=10.0)
    seed: int = param(1, "The same seed draws the same numbers, however the job is split.", low=0, high=2**63 - 1)


def computed(item: int, parameters: Parameters) -> int:
    draw = generator(parameters.seed, item).randint
    return sum(draw(1, HIGHEST) for _ in range(parameters.numbers))


def python(parameters: Parameters) -> Call:
    def call(item: int) -> int:
        value = computed(item, parameters)
        time.sleep(parameters.wait_s)
        return value

    return call


def coroutine(parameters: Parameters) -> CoroutineCall:
    import asyncio  # here, not above: listing workloads must stay quick

    async def call(item: int) -> int:
        value = computed(item, parameters)
        await asyncio.sleep(parameters.wait_s)
        return value

    return call


WORKLOAD = Workload(
    key="mixed",
    title="Mixed",
    description="Adds up random integers in pure Python, then waits: 2 ms of work and 8 ms of waiting.",
    teaches="Threads pay until one core is full: as many as one item's time holds its own work, here five.",
    parameters=Parameters,
    variants={"python": python},
    coroutines={"coroutine": coroutine},
    item_at=lambda index, parameters: index,
    default_items=500,
    item_help="One sum and one wait; its numbers are drawn from the seed and the item's index. Generated only.",
    known_answer=KnownAnswer(
        items=4, parameters={"numbers": 20_000, "wait_s": 0}, value=4_040_000, tolerance=0.0081,
        source="80,000 draws of mean 50.5; the tolerance is 4 standard deviations, 4 x sqrt(80,000 x 833.25)",
    ),
    combine=Total(),
)
