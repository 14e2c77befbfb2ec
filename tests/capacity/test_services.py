"""Service times, known by two numbers or measured, and the response they make with a wait."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.capacity.measured import Measured, parse_times
from dynometer.capacity.mmc import MMc
from dynometer.capacity.response import response_quantile_s, response_tail
from dynometer.capacity.service import Constant, Exponential, Gamma, service_of
from dynometer.capacity.simulate import simulate
from dynometer.capacity.station import Load, station
from dynometer.capacity.waits import NO_WAIT, ExponentialWait
from dynometer.errors import InvalidInput

services = st.one_of(
    st.builds(service_of, st.floats(0.01, 100), st.sampled_from([0, 0.05, 0.3, 1, 2.5, 9])),
    st.lists(st.floats(0.01, 100), min_size=1, max_size=50).map(Measured),
)
waits = st.builds(ExponentialWait, st.floats(0.01, 1), st.floats(0.01, 100))


def lognormal(cv2, count):
    """`count` middles of slices of the lognormal distribution of mean 1."""
    from statistics import NormalDist

    spread = math.sqrt(math.log1p(cv2))
    return Measured([
        math.exp(-spread**2 / 2 + spread * NormalDist().inv_cdf((i + 0.5) / count)) for i in range(count)
    ])


@pytest.mark.parametrize(("cv2", "kind"), [(0, Constant), (1, Exponential), (0.3, Gamma), (1.0001, Gamma)])
def test_two_numbers_choose_a_distribution(cv2, kind):
    service = service_of(3, cv2)

    assert type(service) is kind
    assert (service.mean_s, service.cv2) == (3, cv2)


def test_a_gamma_of_cv2_1_is_exponential():
    gamma, exponential, wait = Gamma(2, 1), Exponential(2), ExponentialWait(0.6, 0.3)

    for time_s in (0, 0.1, 2, 9, 40):
        assert gamma.tail_after(time_s, wait) == pytest.approx(exponential.tail_after(time_s, wait), rel=1e-12)
        assert gamma.tail(time_s) == pytest.approx(exponential.tail(time_s), rel=1e-12)


@pytest.mark.parametrize("cv2", [0.01, 0.4, 2.5, 30])
@pytest.mark.parametrize("decay", [0.02, 0.9, 7, 3_000])
def test_the_gamma_response_is_the_sum_over_its_times(cv2, decay):
    gamma, wait = Gamma(1, cv2), ExponentialWait(0.7, decay)
    shares = (np.arange(100_000) + 0.5) / 100_000
    sampled = Measured(gamma.times_at(shares))

    for time_s in (0.3, 1.1, 4):
        assert gamma.tail_after(time_s, wait) == pytest.approx(sampled.tail_after(time_s, wait), abs=3e-5)


def test_a_constant_service_only_delays_the_wait():
    wait = ExponentialWait(0.5, 2)

    assert response_quantile_s(0.9, wait, Constant(3)) == pytest.approx(3 + math.log(0.5 / 0.1) / 2)
    assert response_quantile_s(0.4, wait, Constant(3)) == pytest.approx(3)


def test_measured_times_convolve_with_the_wait():
    # half take 1 s, half 3 s; P(T > 2) = (P(W > 1) + 1) / 2
    wait = ExponentialWait(0.4, 0.5)

    assert response_tail(2, wait, Measured([1, 3])) == pytest.approx((0.4 * math.exp(-0.5) + 1) / 2)


def test_measured_exponential_times_give_the_exponential_response():
    times = Exponential(0.25).times_at((np.arange(50_000) + 0.5) / 50_000)
    queue = MMc(13, 0.25, 4)

    found = response_quantile_s(0.95, queue.wait, Measured(times))

    assert found == pytest.approx(queue.response_quantile_s(0.95), rel=1e-3)


@pytest.mark.parametrize(("service", "servers", "rho", "within"), [  # science B.3, with room for 1e5 arrivals
    (Exponential(1), 4, 0.7, 0.04),
    (Constant(1), 4, 0.7, 0.04),
    (Constant(1), 16, 0.8, 0.05),
    (lognormal(0.25, 5_000), 16, 0.8, 0.04),
    (lognormal(4, 5_000), 1, 0.8, 0.30),
    (lognormal(4, 5_000), 16, 0.8, 0.08),
])
def test_p95_of_the_response_by_formula_is_that_of_a_simulation(service, servers, rho, within):
    found = station(Load(servers * rho, service), servers).response_quantile_s(0.95)

    run = simulate(servers * rho, service, servers, arrivals=150_000)

    assert found == pytest.approx(run.response_quantile_s.value, rel=within)


def test_plain_erlang_c_is_twice_too_long_for_even_services():
    even = station(Load(12.8, Constant(1)), 16).response_quantile_s(0.95)

    assert MMc(12.8, 1, 16).response_quantile_s(0.95) > 2 * even


@given(service=services, wait=waits, quantile=st.floats(0.05, 0.995))
@settings(max_examples=60)
def test_the_response_quantile_inverts_its_tail(service, wait, quantile):
    found = response_quantile_s(quantile, wait, service)

    assert response_tail(found, wait, service) <= (1 - quantile) * (1 + 1e-6)
    assert response_tail(found * (1 - 1e-9) - 1e-12, wait, service) >= (1 - quantile) * (1 - 1e-6)
    assert found >= max(service.quantile_s(quantile), wait.quantile_s(quantile)) * (1 - 1e-9)


@given(service=services, quantile=st.floats(0.01, 0.99))
def test_without_waits_the_response_is_the_service(service, quantile):
    assert response_quantile_s(quantile, NO_WAIT, service) == pytest.approx(service.quantile_s(quantile), rel=1e-9)


@given(service=services)
def test_scaling_stretches_everything(service):
    longer = service.scaled(3)

    assert longer.mean_s == pytest.approx(3 * service.mean_s)
    assert longer.cv2 == pytest.approx(service.cv2, abs=1e-9)
    assert longer.quantile_s(0.8) == pytest.approx(3 * service.quantile_s(0.8))


@pytest.mark.parametrize(("quantile", "expected"), [(0.01, 1), (0.25, 1), (0.26, 2), (0.5, 2), (0.75, 3), (0.99, 4)])
def test_a_measured_quantile_is_one_of_the_times(quantile, expected):
    assert Measured([4, 2, 1, 3]).quantile_s(quantile) == expected


def test_mean_and_cv2_are_those_of_the_times():
    service = Measured([1, 2, 3, 6])

    assert (service.mean_s, service.cv2) == (3, pytest.approx(3.5 / 9))


@pytest.mark.parametrize("text", ["1\n2.5\n\n# pause\n 3e-1 \n", "[1, 2.5, 0.3]", ' [1, "2.5", 0.3]\n'])
def test_times_are_read_from_lines_or_a_list(text):
    assert parse_times(text) == [1, 2.5, 0.3]


@pytest.mark.parametrize(("text", "named"), [
    ("1\nx\n", "line 2 of the service times is no number: 'x'"),
    ("1\n\n-2\n", "line 3 of the service times must be finite and 0 or above, got -2"),
    ("nan", "line 1 of the service times must be finite"),
    ("1e999", "line 1 of the service times must be finite"),
    ("N,X\n1,2", "line 1 of the service times is no number: 'N,X'"),
    ("[1, null]", "entry 2 of the service times is no number: None"),
    ("[1, [2]]", r"entry 2 of the service times is no number: \[2\]"),
    ("[true]", "entry 1 of the service times is no number: True"),
    ("[1, 2", "no JSON list"),
    ("[" * 100_000, "no JSON list"),
    ("[1" + "0" * 400 + "]", "entry 1 of the service times is no number"),
])
def test_what_is_no_time_is_named_by_its_place(text, named):
    with pytest.raises(InvalidInput, match=named):
        parse_times(text)


@pytest.mark.parametrize(("times", "named"), [
    ([], "no service times"), ([[1, 2]], "no service times"), ([1, -1], "service_times_s"),
    ([1, math.nan], "service_times_s"), ([0, 0], "the mean of service_times_s must be a finite number above 0"),
])
def test_measured_times_are_real_times(times, named):
    with pytest.raises(InvalidInput, match=named):
        Measured(times)
