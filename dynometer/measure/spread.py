"""The order in which windows take a job's items: any first few of them are spread evenly over the whole job."""

import math
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from dynometer.workloads.workload import Json, Workload

GOLDEN = (math.sqrt(5) - 1) / 2  # multiples of it fall evenly between 0 and 1, however many there are


def spread(count: int) -> Iterator[int]:
    """All of 0 to count - 1, again and again, in an order whose beginnings are even samples of the whole.

    Items of one job may differ in cost by their place (the rows of a picture), and windows hold few of them.
    """
    stride = max(1, round(count * GOLDEN))
    while math.gcd(stride, count) != 1:
        stride += 1
    place = 0
    while True:
        yield place
        place = (place + stride) % count


def picked(inputs: Sequence[Json], count: int, most: int) -> tuple[Json, ...]:
    """The first `most` of a user's own items, for a job of `count`, in that order."""
    return tuple(inputs[place % len(inputs)] for place in islice(spread(count), min(count, most)))


def numbers(count: int, inputs_count: int, most: int) -> tuple[int, ...]:
    """The job's own numbers of the first `most` items in that order, of `inputs_count` given (0: made) for `count`."""
    return tuple(place % (inputs_count or count) for place in islice(spread(count), min(count, most)))


def in_order(workload: Workload, parameters: object, count: int, inputs: Sequence[Json] | None) -> Iterator[Json]:
    """The items of a job of `count` in that order, again and again; `inputs` are in it already."""
    if inputs is not None:
        yield from cycle(inputs)
    for place in spread(count):
        yield workload.item_at(place, parameters)


def take(workload: Workload, parameters: object, count: int, inputs: Sequence[Json] | None, most: int) -> list[Json]:
    """The first `most` of them, or all when there are fewer."""
    there = count if inputs is None else min(count, len(inputs))
    return list(islice(in_order(workload, parameters, count, inputs), min(there, most)))
