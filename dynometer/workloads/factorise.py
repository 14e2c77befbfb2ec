"""Prime factors of integers whose cost varies ten thousandfold: what chunk sizes and stragglers are about."""

import math
import random
from dataclasses import dataclass

from dynometer.workloads.items import whole_number
from dynometer.workloads.parameters import param
from dynometer.workloads.primes import factors, is_prime
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LARGEST = 10**30


@dataclass(frozen=True)
class Parameters:
    hard_percent: int = param(5, "How many of 100 generated integers are hard: products of two large primes.",
                              unit="%", low=0, high=100, only_generated=True)
    hard_bits: int = param(64, "Size of the hard ones; 4 bits more take twice as long.", unit="bits",
                           low=16, high=96, only_generated=True)
    seed: int = param(1, "The same seed makes the same integers, however the job is split.", low=0, high=2**63 - 1,
                      only_generated=True)


def item_at(index: int, parameters: Parameters) -> Json:
    draw = generator(parameters.seed, index)
    if draw.randrange(100) >= parameters.hard_percent:
        return draw.randrange(2, 1_000_000)
    bits = parameters.hard_bits
    return _random_prime(bits // 2, draw) * _random_prime(bits - bits // 2, draw)


def _random_prime(bits: int, draw: random.Random) -> int:
    while True:
        candidate = draw.getrandbits(bits) | 1 << bits - 1 | 1
        if is_prime(candidate):
            return candidate


def python(parameters: Parameters) -> Call:
    def call(item: int) -> Json:
        """[[prime, exponent], ...] in rising order; their product is `item`."""
        return [[prime, exponent] for prime, exponent in sorted(factors(item).items())]

    return call


def read_item(given: Json) -> Json:
    return whole_number(given, 2, LARGEST, "must be a whole number from 2 to 10^30")


WORKLOAD = Workload(
    key="factorise",
    title="Factorise",
    description="Splits integers into their prime factors; some take microseconds, others seconds.",
    teaches="When items differ a thousandfold, equal shares leave workers idle: chunks must be sized while it runs.",
    parameters=Parameters,
    variants={"python": python},
    item_at=item_at,
    default_items=10_000,
    item_help="A whole number from 2 to 10^30, one per line or as JSON; generated ones are mostly tiny, some hard.",
    known_answer=KnownAnswer(
        items=4, parameters={},
        inputs=(2**67 - 1, 2**32 + 1, math.factorial(12), 600_851_475_143),
        value=[[[193_707_721, 1], [761_838_257_287, 1]], [[641, 1], [6_700_417, 1]],
               [[2, 10], [3, 5], [5, 2], [7, 1], [11, 1]], [[71, 1], [839, 1], [1471, 1], [6857, 1]]],
        source="F. N. Cole (1903): 2^67 - 1; L. Euler (1732): 2^32 + 1; Legendre's formula: 12!; Project Euler 3",
    ),
    read_item=read_item,
)
