"""random-sum: NumPy draws what Python draws."""

import random

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.random_sum import BLOCK
from dynometer.workloads.seeds import generator, numpy_generator
from dynometer.workloads.twister import add_up

WORKLOAD = find("random-sum")


def both(items=(0,), **given):
    parameters = WORKLOAD.accept(given, 1)
    return (WORKLOAD.reference(parameters, items, variant) for variant in ("python", "numpy"))


@pytest.mark.parametrize(("low", "high"), [
    (1, 100), (0, 1), (0, 127), (0, 128), (-5, -3), (-1_000_000_000, 1_000_000_000), (0, 999_999_999),
])
def test_numpy_rejects_the_very_words_that_randint_rejects(low, high):
    python, numpy = both(items=(0, 1, 2**40), numbers=1_000, low=low, high=high)

    assert numpy == python


@pytest.mark.parametrize("numbers", [1, 623, 624, 625, BLOCK - 1, BLOCK, BLOCK + 1])
def test_numpy_agrees_at_the_edges_of_blocks_and_of_the_twister(numbers):
    python, numpy = both(numbers=numbers, low=0, high=2**16 - 1)

    assert numpy == python


def test_a_range_of_one_number_adds_up_to_a_product():
    python, numpy = both(numbers=1_000, low=7, high=7)

    assert python == numpy == [7_000]


def test_low_above_high_is_refused_at_low():
    with pytest.raises(InvalidInput, match="low must not be above high, which is 1") as refusal:
        WORKLOAD.accept({"low": 2, "high": 1}, 1)

    assert "low" in refusal.value.fields


def test_the_copied_twister_goes_on_like_the_first():
    python, numpy = generator(3, "item"), numpy_generator(3, "item")

    assert [numpy.random() for _ in range(700)] == [python.random() for _ in range(700)]


def test_a_seed_is_the_same_on_every_machine():
    assert generator(1, 0).getrandbits(32) == random.Random(seed_by_hand("(1, 0)")).getrandbits(32)


@pytest.mark.parametrize(("numbers", "low", "high"), [(1, 1, 100), (700, 1, 100), (1300, -5, 7), (650, 0, 999_999_999)])
def test_the_twister_for_compilers_draws_what_python_draws(numbers, low, high):
    [expected] = WORKLOAD.reference(WORKLOAD.accept({"numbers": numbers, "low": low, "high": high}, 1), [3])
    *state, _ = generator(1, 3).getstate()[1]
    width = high - low + 1

    above_low = add_up(list(state), numbers, width, 32 - width.bit_length())

    assert above_low + numbers * low == expected


def test_the_compiled_variant_draws_what_python_draws():
    pytest.importorskip("numba", reason="Numba is an optional extra")
    parameters = WORKLOAD.accept({"numbers": 3_000}, 2)

    assert WORKLOAD.reference(parameters, [0, 1], "numba") == WORKLOAD.reference(parameters, [0, 1])


def seed_by_hand(text):
    import hashlib
    return int(hashlib.blake2b(text.encode(), digest_size=8).hexdigest(), 16)
