"""Adds a number to a large array: the processor waits for memory, and more workers wait more."""

from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, KnownAnswer, Workload

NUMBERS_PER_MB = 1 << 17  # floats of 8 bytes in 2^20 bytes
STRIDE = 1 << 9  # numbers: one page of 4,096 bytes


@dataclass(frozen=True)
class Parameters:
    megabytes: int = param(64, "Size of each of a worker's two arrays; it must be well above the processor's cache.",
                           unit="MiB", low=1, high=512)


def numpy(parameters: Parameters) -> Call:
    import numpy as np

    numbers = np.arange(parameters.megabytes * NUMBERS_PER_MB, dtype=np.float64)
    shifted = np.full_like(numbers, 0.0)  # made once, and touched: a fresh array for each item would measure the kernel

    def call(item: int) -> int:
        """Every number of the array plus `item`; then the sum of the first of each page."""
        np.add(numbers, float(item), out=shifted)
        return int(shifted[::STRIDE].sum())

    return call


WORKLOAD = Workload(
    key="memory-bandwidth",
    title="Memory bandwidth",
    description="Adds a number to every element of an array that no cache holds.",
    teaches="When memory is the limit, one worker uses it up: more cores on the same machine add nothing.",
    parameters=Parameters,
    variants={"numpy": numpy},
    vectorised=frozenset({"numpy"}),
    native=frozenset({"numpy"}),
    item_at=lambda index, parameters: index,
    default_items=200,
    item_help="One pass over the array; the item's index is the number that is added. Generated only.",
    known_answer=KnownAnswer(
        items=2, parameters={"megabytes": 1}, value=[16_711_680, 16_711_936],
        source="Gauss: 0 + 512 + ... + 255 x 512 = 512 x 255 x 256 / 2; the second has 1 more in each of 256 places",
    ),
)
