"""A queue with an end: closed forms, loss systems, overload, and a simulation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynometer.capacity.backlog import FiniteQueue
from dynometer.capacity.erlang import erlang_b
from dynometer.capacity.mmc import MMc
from dynometer.capacity.service import Exponential
from dynometer.capacity.simulate import simulate
from dynometer.errors import InvalidInput


@pytest.mark.parametrize(("rho", "places"), [(0.5, 3), (0.8, 0), (0.8, 9), (1.25, 4)])
def test_one_server_in_closed_form(rho, places):
    # p_n = (1 - r) r^n / (1 - r^(K+1)), K = 1 + places
    size = 1 + places
    states = [(1 - rho) * rho**n / (1 - rho ** (size + 1)) for n in range(size + 1)]

    queue = FiniteQueue(rho, 1, 1, places)

    assert list(queue.states) == pytest.approx(states)
    assert queue.rejected_share == pytest.approx(states[-1])
    assert queue.in_system_mean == pytest.approx(sum(n * p for n, p in enumerate(states)))
    assert queue.utilisation == pytest.approx(1 - states[0])


def test_as_much_work_as_the_server_can_do_fills_all_states_alike():
    assert FiniteQueue(2, 0.5, 1, 4).rejected_share == pytest.approx(1 / 6)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.4), (17, 10.0), (50, 80.0)])
def test_without_places_it_is_the_loss_system(servers, load):
    queue = FiniteQueue(load, 1, servers, 0)

    assert queue.rejected_share == pytest.approx(erlang_b(servers, load))
    assert queue.p_wait == queue.wait_mean_s == queue.wait_quantile_s(0.99) == 0
    assert queue.response_quantile_s(0.95) == pytest.approx(2.995732)


def test_with_places_enough_it_is_m_m_c():
    queue, endless = FiniteQueue(3.2, 1, 4, 300), MMc(3.2, 1, 4)

    assert queue.rejected_share < 1e-25
    assert queue.p_wait == pytest.approx(endless.p_wait)
    assert queue.wait_mean_s == pytest.approx(endless.wait_mean_s)
    assert queue.wait_quantile_s(0.95) == pytest.approx(endless.wait_quantile_s(0.95))
    assert queue.response_quantile_s(0.95) == pytest.approx(endless.response_quantile_s(0.95))


def test_twice_the_work_turns_half_away():
    queue = FiniteQueue(20, 0.1, 1, 1_000)

    assert queue.rejected_share == pytest.approx(0.5)
    assert queue.accepted_per_s == pytest.approx(10)
    assert queue.wait_mean_s == pytest.approx(99.9, rel=1e-3)  # behind some 999 others


def test_a_simulation_agrees():
    queue = FiniteQueue(4.4, 1, 4, 6)

    run = simulate(4.4, Exponential(1), 4, places=6, arrivals=200_000)

    assert queue.rejected_share == pytest.approx(run.rejected_share, rel=0.05)
    assert queue.p_wait == pytest.approx(run.p_wait.value, rel=0.03)
    assert queue.wait_mean_s == pytest.approx(run.wait_mean_s.value, rel=0.03)
    assert queue.wait_quantile_s(0.95) == pytest.approx(run.wait_quantile_s.value, rel=0.03)
    assert queue.response_quantile_s(0.95) == pytest.approx(run.response_quantile_s.value, rel=0.03)
    assert queue.utilisation == pytest.approx(run.utilisation, rel=0.02)


@given(st.integers(1, 30), st.integers(0, 60), st.floats(0.05, 100))
def test_little_holds_and_more_places_turn_fewer_away(servers, places, load):
    queue, more = FiniteQueue(load, 1, servers, places), FiniteQueue(load, 1, servers, places + 1)

    assert queue.in_system_mean == pytest.approx(sum(n * p for n, p in enumerate(queue.states)), rel=1e-9)
    assert 0 <= more.rejected_share <= queue.rejected_share * (1 + 1e-12) < 1 + 1e-9


@pytest.mark.parametrize(("servers", "places", "named"), [(0, 1, "servers"), (1, -1, "places"), (1, 0.5, "places")])
def test_counts_are_whole(servers, places, named):
    with pytest.raises(InvalidInput, match=f"{named} must be a whole number"):
        FiniteQueue(1, 1, servers, places)
