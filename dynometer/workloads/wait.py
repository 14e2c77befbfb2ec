"""Waits: stands for work that is done elsewhere, such as a slow service or disk."""

import time
from dataclasses import dataclass

from dynometer.workloads.items import real_number
from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, CoroutineCall, Json, KnownAnswer, Workload

LONGEST_S = 60.0


@dataclass(frozen=True)
class Parameters:
    seconds: float = param(0.1, "How long each generated item waits.", unit="s", low=0.0, high=LONGEST_S,
                           only_generated=True)


def item_at(index: int, parameters: Parameters) -> Json:
    return parameters.seconds


def python(parameters: Parameters) -> Call:
    def call(item: float) -> float:
        """Sleeps for `item` [s] and returns it."""
        time.sleep(item)
        return item

    return call


def coroutine(parameters: Parameters) -> CoroutineCall:
    import asyncio  # here, not above: listing workloads must stay quick

    async def call(item: float) -> float:
        """Lets other coroutines run for `item` [s] and returns it."""
        await asyncio.sleep(item)
        return item

    return call


def read_item(given: Json) -> Json:
    return real_number(given, 0.0, LONGEST_S, "must be a number of seconds from 0 to 60")


WORKLOAD = Workload(
    key="wait",
    title="Wait",
    description="Sleeps: stands for calls that wait for a network or a disk.",
    teaches="Waiting scales with threads and event loops far beyond the number of cores.",
    parameters=Parameters,
    variants={"python": python},
    coroutines={"coroutine": coroutine},
    item_at=item_at,
    default_items=100,
    item_help="A number of seconds from 0 to 60, one per line or as JSON.",
    known_answer=KnownAnswer(items=2, parameters={}, inputs=(0.0, 0.001), value=[0.0, 0.001],
                             source="an item's value is its own number of seconds"),
    read_item=read_item,
)
