"""Amdahl, Gustafson and Karp-Flatt against textbook tables."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynometer.analysis import amdahl, gustafson, karp_flatt, usl
from dynometer.errors import InvalidInput


def test_the_textbook_examples_of_amdahl_and_gustafson(published):
    for case in published("amdahl_gustafson_textbook")["cases"]:
        match case:
            case {"law": "amdahl", "f": serial, "p": None, "S": expected}:
                assert amdahl.limit(serial) == pytest.approx(expected)
            case {"law": "amdahl", "f": serial, "p": workers, "S": expected}:
                assert amdahl.speedup(serial, workers) == pytest.approx(expected, abs=5e-5)
            case {"law": "gustafson", "s": serial, "p": workers, "S": expected}:
                assert gustafson.scaled_speedup(serial, workers) == pytest.approx(expected)
            case {"law": "gustafson_inverse", "S": speedup, "p": workers, "s": expected}:
                assert gustafson.serial_share(speedup, workers) == pytest.approx(expected, abs=5e-7)


@given(st.floats(0, 1), st.integers(2, 10_000))
def test_amdahl_is_the_usl_without_kappa(serial, workers):
    assert amdahl.speedup(serial, workers) == pytest.approx(usl.speedup(workers, usl.Law(7.0, serial)))


@given(st.floats(0, 1), st.integers(2, 10_000))
def test_both_shares_come_back_from_the_speed_up(serial, workers):
    assert amdahl.serial_share(amdahl.speedup(serial, workers), workers) == pytest.approx(serial, abs=1e-9)
    assert gustafson.serial_share(gustafson.scaled_speedup(serial, workers), workers) == pytest.approx(serial, abs=1e-9)
    assert karp_flatt.serial_fraction(amdahl.speedup(serial, workers), workers) == pytest.approx(serial, abs=1e-9)
    assert karp_flatt.speedup(serial, workers) == pytest.approx(amdahl.speedup(serial, workers))


@given(st.floats(0, 1), st.integers(1, 1000))
def test_amdahl_and_gustafson_agree_once_the_share_is_taken_of_the_same_run(serial, workers):
    share = gustafson.amdahl_share(serial, workers)

    assert amdahl.speedup(share, workers) == pytest.approx(gustafson.scaled_speedup(serial, workers))


@given(st.floats(0.001, 0.9), st.integers(2, 500))
def test_the_workers_of_a_speed_up_reach_it(serial, workers):
    reached = amdahl.speedup(serial, workers)

    assert amdahl.workers_at_speedup(serial, reached) == pytest.approx(workers)


def test_a_speed_up_beyond_the_limit_is_refused():
    with pytest.raises(InvalidInput, match=r"a serial share of 0.05 keeps it below 20"):
        amdahl.workers_at_speedup(0.05, 30)


@pytest.mark.parametrize("call", [
    lambda: amdahl.speedup(1.2, 4), lambda: amdahl.speedup(math.nan, 4), lambda: amdahl.speedup(0.1, 0),
    lambda: gustafson.scaled_speedup(0.1, 0.5), lambda: karp_flatt.serial_fraction(0, 4),
    lambda: karp_flatt.serial_fraction(2, 1), lambda: karp_flatt.reading({2: 1.9, 4: 3.5}),
    lambda: karp_flatt.speedup(-1, 4),
])
def test_what_lies_outside_a_formulas_range_is_refused(call):
    with pytest.raises(InvalidInput):
        call()


@pytest.mark.parametrize(("index", "pattern", "digits"), [
    (0, "constant", 0.0012),  # the book prints one digit of e: S = 1.82, rounded from 1.818, gives 0.0989
    (1, "rising", 0.0006),
])
def test_the_textbook_tables_of_karp_and_flatt(published, index, pattern, digits):
    table = published("karpflatt_textbook")["cases"][index]

    read = karp_flatt.reading(dict(zip(table["p"], table["S"], strict=True)))

    assert list(read.fractions.values()) == pytest.approx(table["e"], abs=digits)
    assert read.pattern == pattern


@pytest.mark.parametrize(("table", "pattern"), [("openmp", "linear"), ("mpi", "falling")])
def test_the_kmeans_tables(published, table, pattern):
    case = published("karpflatt_kmeans")
    times = dict(zip(case[table]["p"], case[table]["T_s"], strict=True))

    read = karp_flatt.reading({p: times[1] / t for p, t in times.items()})

    assert list(read.fractions.values()) == pytest.approx(case["verified"][f"{table}_e"], abs=5.1e-5)
    assert read.pattern == pattern
    assert ("baseline" in read.sentence) == (pattern == "falling")


def test_superlinear_speed_up_is_called_so():
    assert karp_flatt.reading({2: 2.2, 4: 4.6, 8: 9.5}).pattern == "superlinear"


def test_the_python_314_table(published):
    case = published("py314_modes")
    standard, free, derived = case["ms"]["standard"], case["ms"]["free_threaded"], case["derived"]
    interpreters = standard["sequential"] / standard["interpreters"]

    assert standard["sequential"] / standard["threads"] == pytest.approx(derived["standard_threads_speedup"], abs=1e-3)
    assert interpreters == pytest.approx(derived["standard_interpreters_speedup"], abs=1e-3)
    assert karp_flatt.serial_fraction(interpreters, 4) == pytest.approx(derived["karp_flatt_interpreters_p4"], abs=1e-4)
    own = free["sequential"] / free["threads"]
    assert karp_flatt.serial_fraction(own, 4) == pytest.approx(derived["karp_flatt_ft_threads_p4"], abs=1e-4)
