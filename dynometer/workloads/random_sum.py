"""The classic tutorial case: the sum of n random integers, some items of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from dynometer.errors import InvalidInput
from dynometer.workloads import twister
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator, numpy_generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

BLOCK = 1 << 15  # words drawn at a time: they stay in the cache, and memory does not grow with `numbers`


@dataclass(frozen=True)
class Parameters:
    numbers: int = param(1_000_000, "How many random integers each item adds up.", unit="numbers",
                         low=1, high=100_000_000)
    low: int = param(1, "The smallest integer drawn.", low=-1_000_000_000, high=1_000_000_000)
    high: int = param(100, "The largest integer drawn.", low=-1_000_000_000, high=1_000_000_000)
    seed: int = param(1, "The same seed draws the same numbers, however the job is split.", low=0, high=2**63 - 1)


def python(parameters: Parameters) -> Call:
    def call(item: int) -> int:
        draw = generator(parameters.seed, item).randint
        low, high = parameters.low, parameters.high
        return sum(draw(low, high) for _ in range(parameters.numbers))

    return call


def numpy(parameters: Parameters) -> Call:
    """Draws what `randint` draws: the top bits of each 32-bit word, again if they reach the width of the range."""
    import numpy as np

    width = parameters.high - parameters.low + 1  # at most 2 x 10^9 + 1, so one word always suffices
    shift = np.uint32(32 - width.bit_length())

    def call(item: int) -> int:
        words = numpy_generator(parameters.seed, item)
        missing, above_low = parameters.numbers, 0
        while missing:
            drawn = words.integers(0, 2**32, size=BLOCK, dtype=np.uint32) >> shift
            kept = drawn[drawn < width][:missing]
            missing -= len(kept)
            above_low += int(kept.sum(dtype=np.uint64))
        return parameters.numbers * parameters.low + above_low

    return call


def numba(parameters: Parameters) -> Call:
    """Compiled, and without the interpreter's lock; the first call in a process takes half a second to compile."""
    import numpy as np

    add_up = import_module("numba").njit(nogil=True)(twister.add_up)
    width = parameters.high - parameters.low + 1
    shift = 32 - width.bit_length()

    def call(item: int) -> int:
        *state, _ = generator(parameters.seed, item).getstate()[1]
        above_low = int(add_up(np.array(state, np.int64), parameters.numbers, width, shift))
        return parameters.numbers * parameters.low + above_low

    return call


class Total:
    """The sum over all items."""

    def partial(self, values: Sequence[Json]) -> Json:
        return sum(values)

    def merge(self, left: Json, right: Json) -> Json:
        return left + right

    def value(self, partial: Json) -> Json:
        return partial

    def sentence(self, value: Json) -> str:
        return f"The total is {value:,}."


def check(parameters: Parameters, items: int) -> None:
    if parameters.low > parameters.high:
        sentence = f"must not be above high, which is {parameters.high:,}"
        raise InvalidInput(f"Parameters do not fit: low {sentence}.", fields={"low": sentence})


WORKLOAD = Workload(
    key="random-sum",
    title="Random sum",
    description="Adds up random integers: the case with which most tutorials compare threads and processes.",
    teaches="Threads do not speed up pure Python; processes do, and a vectorised library beats both.",
    parameters=Parameters,
    variants={"python": python, "numpy": numpy},
    vectorised=frozenset({"numpy"}),
    extras={"numba": numba},
    native=frozenset({"numba"}),
    item_at=lambda index, parameters: index,
    default_items=8,
    item_help="One sum; its numbers are drawn from the seed and the item's index. Generated only.",
    known_answer=KnownAnswer(
        items=4, parameters={"numbers": 20_000}, value=4_040_000, tolerance=0.0081,
        source="80,000 draws of mean 50.5; the tolerance is 4 standard deviations, 4 x sqrt(80,000 x 833.25)",
    ),
    combine=Total(),
    check=check,
)
