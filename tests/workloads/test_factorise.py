"""factorise: against numbers whose factors are in the books."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.primes import factors, is_prime

WORKLOAD = find("factorise")


def factorised(n):
    return WORKLOAD.prepare("python", WORKLOAD.accept({}, 1))(n)


@pytest.mark.parametrize(("n", "expected"), [
    (2, [[2, 1]]),
    (360, [[2, 3], [3, 2], [5, 1]]),
    (211**3, [[211, 3]]),  # the last prime that is tried by division
    (223**2 * 227, [[223, 2], [227, 1]]),  # the first that are not
    (10_007**3, [[10_007, 3]]),
    (2**67 - 1, [[193_707_721, 1], [761_838_257_287, 1]]),  # F. N. Cole, 1903
    (2**83 - 1, [[167, 1], [57_912_614_113_275_649_087_721, 1]]),
    (2**89 - 1, [[2**89 - 1, 1]]),  # a Mersenne prime
    (2**97 - 1, [[11_447, 1], [13_842_607_235_828_485_645_766_393, 1]]),
    (10**30, [[2, 30], [5, 30]]),
])
def test_factors_are_those_in_the_books(n, expected):
    assert factorised(n) == expected


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(2, 10**14))
def test_factors_are_primes_whose_product_is_the_number(n):
    found = factorised(n)

    assert math.prod(prime**exponent for prime, exponent in found) == n
    assert all(is_prime(prime) for prime, _ in found)
    assert found == sorted(found)


def test_primes_are_those_of_the_sieve():
    sieve = bytearray([0, 0]) + bytearray([1]) * 59_998
    for n in range(2, 245):
        sieve[n * n::n] = bytes(len(sieve[n * n::n]))

    assert [n for n in range(60_000) if is_prime(n)] == [n for n in range(60_000) if sieve[n]]


@pytest.mark.parametrize(("n", "divisors"), [
    (561, (3, 11, 17)),  # the smallest of Carmichael's
    (3_215_031_751, (151, 751, 28_351)),  # passes Miller and Rabin's test for 2, 3, 5 and 7
    (3_825_123_056_546_413_051, (149_491, 747_451, 34_233_211)),  # passes it for 2 to 23
    (3_317_044_064_679_887_385_961_981, (1_287_836_182_261, 2_575_672_364_521)),  # and for 2 to 41: only a proof helps
])
def test_numbers_that_look_prime_are_not_taken_for_primes(n, divisors):
    assert math.prod(divisors) == n

    assert not is_prime(n)


def test_one_has_no_prime_factors():
    assert factors(1) == {}


@pytest.mark.parametrize(("given", "expected"), [
    (12, 12), ("12", 12), (" 12\r", 12), ("0012", 12), (12.0, 12), (10**30, 10**30), ("1" + "0" * 30, 10**30),
])
def test_whole_numbers_are_read_from_lines_and_json(given, expected):
    item = WORKLOAD.read_item(given)

    assert item == expected
    assert type(item) is int


@pytest.mark.parametrize("given", [0, 1, "1", -7, 10**30 + 1, 2.5, 1e20, "1e3", "0x1f", "", "٣", "9" * 100_000, True])
def test_anything_else_is_refused_with_the_range(given):
    with pytest.raises(InvalidInput, match=r"^must be a whole number from 2 to 10\^30$"):
        WORKLOAD.read_item(given)


def test_generated_items_are_tiny_or_hard_as_asked():
    hard = WORKLOAD.accept({"hard_percent": 100, "hard_bits": 41}, 1)
    tiny = WORKLOAD.accept({"hard_percent": 0}, 1)

    for index in range(20):
        assert [is_prime(WORKLOAD.item_at(index, hard)), len(factorised(WORKLOAD.item_at(index, hard)))] == [False, 2]
        assert 2 <= WORKLOAD.item_at(index, tiny) < 1_000_000
