"""option-price: against the closed form of Black and Scholes, and bit for bit between variants."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.exactly import exp, log2
from dynometer.workloads.option_price import Estimate, _whole_sum

WORKLOAD = find("option-price")


def black_scholes(spot, strike, rate, volatility, years):
    """The price of a European call (F. Black, M. Scholes, 1973)."""
    spread = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread
    phi = NormalDist().cdf
    return spot * phi(d1) - strike * math.exp(-rate * years) * phi(d1 - spread)


@pytest.mark.parametrize(("spot", "strike", "rate", "volatility", "years"), [
    (42.0, 40.0, 0.10, 0.20, 0.5),  # J. C. Hull's example: 4.76
    (100.0, 105.0, 0.03, 0.20, 1.0),
    (100.0, 100.0, -0.01, 0.80, 4.0),
    (1.0, 1.2, 0.05, 0.30, 2.0),
    (50_000.0, 10_000.0, 0.02, 0.50, 1.0),
])
def test_the_estimate_lies_within_four_standard_errors_of_the_closed_form(spot, strike, rate, volatility, years):
    market = {"spot": spot, "strike": strike, "rate": rate, "volatility": volatility, "years": years}
    parameters = WORKLOAD.accept({"paths_per_item": 20_000, **market}, 5)

    result = Estimate().value(Estimate().partial(WORKLOAD.reference(parameters, range(5), "numpy")))

    assert result["paths"] == 100_000
    assert abs(result["estimate"] - black_scholes(**market)) < 4 * result["standard_error"]


@pytest.mark.parametrize("given", [
    {"paths_per_item": 1},
    {"paths_per_item": 20_000},  # several blocks
    {"paths_per_item": 500, "spot": 1_000_000, "strike": 1, "volatility": 1.5, "years": 4.0},  # sums beyond 64 bits
    {"paths_per_item": 500, "strike": 1_000_000},  # worth nothing
])
def test_numpy_adds_up_the_same_units_as_python(given):
    parameters = WORKLOAD.accept(given, 1)

    assert WORKLOAD.reference(parameters, [0, 1], "numpy") == WORKLOAD.reference(parameters, [0, 1], "python")


def test_mean_and_standard_error_of_two_paths_by_hand():
    partial = {"paths": 2, "sum": 4_000_000, "sum_of_squares": 10_000_000}  # pay-offs 1 and 3

    value = Estimate().value(partial)

    assert value == {"estimate": 2.0, "standard_error": pytest.approx(1.0), "paths": 2}  # sqrt(2) / sqrt(2)


def test_one_path_has_no_standard_error():
    value = Estimate().value({"paths": 1, "sum": 5_000_000, "sum_of_squares": 25_000_000})

    assert value["standard_error"] is None
    assert Estimate().sentence(value) == "The option is worth 5.000000, from 1 paths."


def test_a_spread_that_a_few_paths_would_decide_is_refused():
    with pytest.raises(InvalidInput) as refusal:
        WORKLOAD.accept({"volatility": 2.0, "years": 10.0}, 1)

    assert "volatility" in refusal.value.fields


def test_sums_beyond_64_bits_stay_exact():
    assert _whole_sum(np.array([2.0**62, 2.0**62, 1.0])) == 2**63 + 1
    assert _whole_sum(np.array([])) == 0


@pytest.mark.parametrize(("reach", "error"), [(10, 1e-12), (100, 1e-9)])
def test_the_exponential_is_as_exact_as_it_says(reach, error):
    for step in range(-100, 101):
        x = reach * step / 100

        assert exp(x) == pytest.approx(math.exp(x), rel=error)


def test_elementary_functions_give_arrays_the_bits_they_give_floats():
    x = np.linspace(0.01, 90.0, 1_001)

    assert exp(x).tolist() == [exp(value) for value in x.tolist()]
    assert log2(x, np.frexp).tolist() == [log2(value, math.frexp) for value in x.tolist()]


def test_the_logarithm_is_as_exact_as_it_says():
    assert all(abs(log2(x / 7, math.frexp) - math.log2(x / 7)) < 0.01 for x in range(1, 1_000))
    assert [log2(2.0**power, math.frexp) for power in (-3, 0, 5)] == [-3.0, 0.0, 5.0]
