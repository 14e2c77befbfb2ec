"""The order in which windows take a job's items: any first few of them are spread evenly over the whole job."""

import math
from collections.abc import Iterator

from dynometer.workloads.workload import Json, Workload

GOLDEN = (math.sqrt(5) - 1) / 2  # multiples of it fall evenly between 0 and 1, however many there are


def spread(count: int) -> Iterator[int]:
    """All of 0 to count - 1, again and again, in an order whose beginnings are even samples of the whole.

    Items of one job may differ in cost by their place (the rows of a picture), and windows differ in length: taken
    from the first on, a longer window would measure other work.
    """
    stride = max(1, round(count * GOLDEN))
    while math.gcd(stride, count) != 1:
        stride += 1
    place = 0
    while True:
        yield place
        place = (place + stride) % count


def take(workload: Workload, parameters: object, count: int, inputs: tuple[Json, ...] | None, most: int) -> list[Json]:
    """The first `most` items, or all when there are fewer, of a job of `count`, in that order."""
    places = spread(count)
    chosen = [next(places) for _ in range(min(count, most))]
    return [inputs[place] if inputs is not None else workload.item_at(place, parameters) for place in chosen]
