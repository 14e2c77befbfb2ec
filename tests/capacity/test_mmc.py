"""M/M/c: textbooks, closed forms, and quantiles that invert their distributions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.capacity.checks import Unstable
from dynometer.capacity.mmc import MMc
from dynometer.errors import InvalidInput


@pytest.fixture
def cases(published):
    return published("queue_mmc_textbook")["cases"]


queues = st.builds(
    lambda servers, rho, service_s: MMc(rho * servers / service_s, service_s, servers),
    st.integers(1, 60), st.floats(0.01, 0.99), st.floats(1e-4, 1e4),
)


def test_nine_tenths_busy(cases):
    for printed, exact in zip(cases[0]["table"], cases[0]["verified"], strict=True):
        queue = MMc(0.9 * exact["c"], 1, exact["c"])

        assert (queue.p_wait, queue.wait_mean_s) == (
            pytest.approx(exact["C"], rel=5e-6), pytest.approx(exact["Wq"], rel=5e-6)
        )
        assert (queue.p_wait, queue.wait_mean_s) == (
            pytest.approx(printed["C"], abs=0.005), pytest.approx(printed["Wq"], abs=0.0051)
        )


@pytest.mark.parametrize(("servers", "name"), [(1, "s1"), (2, "s2")])
def test_the_emergency_room(cases, servers, name):
    printed, exact = cases[1][name], cases[1]["verified"]
    queue = MMc(2, 1 / 3, servers)

    tails = [queue.wait_tail(0.5), queue.wait_tail(1)]

    assert tails == pytest.approx(exact[f"tail_{name}"], rel=5e-6)
    assert tails == pytest.approx([printed["P(Wq>1/2)"], printed["P(Wq>1)"]], abs=0.0006)
    assert [queue.p_empty, queue.queue_mean, queue.in_system_mean, queue.wait_mean_s, queue.response_mean_s] == (
        pytest.approx([printed[key] for key in ("p0", "Lq", "L", "Wq", "W")], abs=0.0005)
    )


def test_the_computer_centre(cases):
    exact = cases[2]["verified"]
    queue = MMc(10 / 60, 20, 5)  # minutes

    assert queue.utilisation == pytest.approx(exact["rho"], rel=1e-5)
    assert queue.p_wait == pytest.approx(exact["C"], rel=1e-5)
    assert queue.p_empty == pytest.approx(exact["p0"], rel=1e-5)
    assert queue.queue_mean == pytest.approx(exact["Lq"], rel=1e-5)
    assert queue.in_system_mean == pytest.approx(exact["L"], rel=1e-5)
    assert queue.response_mean_s == pytest.approx(exact["W"], rel=1e-5)
    assert queue.wait_quantile_s(0.9) == pytest.approx(exact["Wq_p90"], rel=1e-6)


def test_the_gateway_and_its_buffers(cases):
    exact = cases[3]["verified"]
    queue = MMc(125, 0.002, 1)

    assert queue.in_system_mean == pytest.approx(exact["L"], rel=1e-5)
    assert queue.response_mean_s == pytest.approx(exact["W"], rel=1e-5)
    assert queue.p_at_least(13) == pytest.approx(exact["P(n>=13)"], rel=1e-6)
    assert queue.places_for(1e-6) == pytest.approx(exact["buffers"], rel=1e-6)


def test_the_call_centre(published):
    for row in published("queue_erlangc_callcentre")["verified"]:
        queue = MMc(100 / 1800, 180, row["c"])

        assert 1 - queue.wait_tail(20) == pytest.approx(row["SL20"], rel=1e-6)
        assert queue.wait_mean_s == pytest.approx(row["ASA_s"], rel=1e-6)
        assert queue.utilisation == pytest.approx(row["occupancy"], rel=1e-6)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.95, 0.999])
def test_the_response_of_one_server_is_exponential(quantile):
    assert MMc(8, 0.1, 1).response_quantile_s(quantile) == pytest.approx(-math.log(1 - quantile) / (10 - 8), rel=1e-11)


def test_where_queue_and_service_are_equally_quick_the_limit_holds():
    # d = c mu - lambda = mu for c = 2, a = 1: P(T > t) = e^-t (1 + t/3)
    queue = MMc(1, 1, 2)

    assert queue.response_tail(2.5) == pytest.approx(math.exp(-2.5) * (1 + 2.5 / 3), rel=1e-14)


@pytest.mark.parametrize("off", [1e-15, 1e-12, 1e-9, 1e-6])
def test_near_that_limit_no_digits_are_lost(off):
    expected = math.exp(-2.5) * (1 + 2.5 / 3)

    assert MMc(1 + off, 1, 2).response_tail(2.5) == pytest.approx(expected, rel=10 * off + 1e-14)


def test_the_states_of_a_small_queue():
    # lambda 1, mu 1, c 2: p0 = 1/3, then 1/3, and halves of it
    queue = MMc(1, 1, 2)

    assert [queue.p_state(n) for n in range(5)] == pytest.approx([1 / 3, 1 / 3, 1 / 6, 1 / 12, 1 / 24])
    assert [queue.p_at_least(n) for n in range(4)] == pytest.approx([1, 2 / 3, 1 / 3, 1 / 6])


def test_a_thousand_servers_have_states_that_add_up():
    queue = MMc(970, 1, 1_000)
    states = [queue.p_state(n) for n in range(1_800)]

    assert sum(states) == pytest.approx(1, rel=1e-9)
    assert sum(states[1_000:]) == pytest.approx(queue.p_wait, rel=1e-9)
    assert sum(n * p for n, p in enumerate(states)) == pytest.approx(queue.in_system_mean, rel=1e-9)


@given(queue=queues, quantile=st.floats(0.01, 0.9999))
def test_quantiles_invert_the_distributions(queue, quantile):
    wait_s, response_s = queue.wait_quantile_s(quantile), queue.response_quantile_s(quantile)

    assert queue.response_tail(response_s) == pytest.approx(1 - quantile, rel=1e-7)
    if queue.p_wait > 1 - quantile:
        assert queue.wait_tail(wait_s) == pytest.approx(1 - quantile, rel=1e-7)
    else:
        assert wait_s == 0


@given(queue=queues)
def test_a_further_server_shortens_everything(queue):
    more = MMc(queue.arrival_per_s, queue.service_s, queue.servers + 1)

    assert more.wait_mean_s < queue.wait_mean_s
    assert more.wait_quantile_s(0.95) <= queue.wait_quantile_s(0.95)
    assert more.response_quantile_s(0.95) <= queue.response_quantile_s(0.95) * (1 + 1e-12)


@given(queue=queues)
@settings(max_examples=20)
def test_the_mean_response_is_the_area_under_its_tail(queue):
    slowest_s = 1 / min(1 / queue.service_s, queue.decay_per_s)
    step = slowest_s / 200
    area = step * (sum(queue.response_tail(i * step) for i in range(1, 8_000)) + 0.5)

    assert area == pytest.approx(queue.response_mean_s, rel=0.002)


def test_what_never_ends_is_refused():
    with pytest.raises(Unstable, match="3 erlang arrive for 3 servers") as refusal:
        MMc(3, 1, 3)

    assert "at least 4 servers" in refusal.value.hint


@pytest.mark.parametrize("quantile", [0, 1, -0.5, 95, math.nan])
def test_a_quantile_lies_between_0_and_1(quantile):
    with pytest.raises(InvalidInput, match="quantile must be between 0 and 1"):
        MMc(1, 0.5, 1).wait_quantile_s(quantile)


@pytest.mark.parametrize(("arrival", "service", "named"), [
    (0, 1, "arrival_per_s"), (-1, 1, "arrival_per_s"), (1, 0, "service_s"), (1, math.nan, "service_s"),
])
def test_rates_and_times_are_above_0(arrival, service, named):
    with pytest.raises(InvalidInput, match=f"{named} must be a finite number above 0"):
        MMc(arrival, service, 4)


def test_buffers_are_only_asked_for_shares_that_wait():
    with pytest.raises(InvalidInput, match=r"share must be above 0 and at most 0\.25"):
        MMc(125, 0.002, 1).places_for(0.5)
