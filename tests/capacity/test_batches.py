"""Batches: the exact chain, the bound, and why the batch size must not be taken for ca2."""

import pytest

from dynometer.capacity.batches import batch_wait, batch_wait_mean_s, is_chain_short
from dynometer.capacity.checks import Unstable
from dynometer.capacity.mmc import MMc
from dynometer.capacity.service import Constant, Exponential
from dynometer.capacity.simulate import simulate
from dynometer.errors import InvalidInput


def test_chain_and_bound_of_the_published_cases(published):
    for case in published("queue_gg_c")["exact_batch"]:
        load = (case["c"] * case["rho"], 1, case["c"], case["batch"])

        assert batch_wait(*load).mean_s == pytest.approx(case["Wq_exact"], abs=6e-5)
        assert batch_wait_mean_s(*load) == pytest.approx(case["bound_MMc_plus"], abs=6e-5)


def test_one_at_a_time_is_m_m_c():
    queue, wait = MMc(3.2, 1, 4), batch_wait(3.2, 1, 4, 1)

    assert wait.p_wait == pytest.approx(queue.p_wait)
    assert wait.mean_s == pytest.approx(queue.wait_mean_s)
    assert wait.quantile_s(0.95) == pytest.approx(queue.wait_quantile_s(0.95))
    assert batch_wait_mean_s(3.2, 1, 4, 1) == pytest.approx(queue.wait_mean_s)


def test_an_idle_server_still_keeps_the_rest_of_a_batch_waiting():
    # one server, hardly any load: task k of 5 waits for k-1 services, 2 on average
    wait = batch_wait(1e-6, 1, 1, 5)

    assert wait.mean_s == pytest.approx(2, rel=1e-4)
    assert wait.p_wait == pytest.approx(0.8, rel=1e-4)


def test_the_whole_distribution_is_that_of_a_simulation():
    wait = batch_wait(2.8, 1, 4, 5)

    run = simulate(2.8, Exponential(1), 4, batch=5, arrivals=300_000)

    assert wait.p_wait == pytest.approx(run.p_wait.value, rel=0.02)
    assert wait.mean_s == pytest.approx(run.wait_mean_s.value, rel=0.08)
    assert wait.quantile_s(0.95) == pytest.approx(run.wait_quantile_s.value, rel=0.08)


@pytest.mark.parametrize("arrival_cv2", [1.0, 0.0])
def test_even_services_and_batches_an_even_time_apart_are_covered(arrival_cv2):
    run = simulate(0.7, Constant(1), 1, batch=10, arrival_cv2=arrival_cv2, arrivals=300_000)

    assert batch_wait_mean_s(0.7, 1, 1, 10, arrival_cv2, 0) == pytest.approx(run.wait_mean_s.value, rel=0.1)


def test_uneven_services_in_batches_an_even_time_apart_are_planned_for_on_the_safe_side():
    run = simulate(0.7, Exponential(1), 1, batch=10, arrival_cv2=0, arrivals=300_000)

    assert 1 < batch_wait_mean_s(0.7, 1, 1, 10, 0, 1) / run.wait_mean_s.value < 1.25


@pytest.mark.parametrize(("servers", "batch", "rho"), [(4, 5, 0.7), (8, 50, 0.8), (16, 100, 0.9)])
def test_the_shortcut_of_others_is_far_too_low(servers, batch, rho):
    arrival = servers * rho
    shortcut = MMc(arrival, 1, servers).wait_mean_s * (batch + 1) / 2

    assert shortcut < 0.88 * batch_wait(arrival, 1, servers, batch).mean_s


def test_many_servers_and_big_batches_do_not_overflow():
    wait = batch_wait(4_000, 1, 5_000, 40)

    assert 0 < wait.p_wait < 0.01
    assert 0 < wait.mean_s < 0.001


def test_a_tail_can_be_asked_for_anywhere():
    wait = batch_wait(2.8, 1, 4, 5)

    assert wait.tail(-1) == 1
    assert wait.tail(0) == wait.p_wait
    assert wait.tail(1e6) == 0


def test_chains_that_would_take_minutes_are_refused():
    assert not is_chain_short(99.9999, 100, 1_000)

    with pytest.raises(InvalidInput, match="more than 500,000 states") as refusal:
        batch_wait(99.9999, 1, 100, 1_000)

    assert "batch_wait_mean_s" in refusal.value.hint


@pytest.mark.parametrize("batch", [0, -3, 2.5])
def test_a_batch_is_a_whole_number(batch):
    with pytest.raises(InvalidInput, match="batch must be a whole number"):
        batch_wait(1, 1, 2, batch)


def test_a_mean_batch_may_be_a_fraction_but_not_below_1():
    assert batch_wait_mean_s(0.8, 1, 1, 2.5) == pytest.approx(4 + 1.5 / 0.4)

    with pytest.raises(InvalidInput, match=r"batch must be 1 or above, got 0\.5"):
        batch_wait_mean_s(0.8, 1, 1, 0.5)


def test_too_much_work_is_refused():
    with pytest.raises(Unstable):
        batch_wait(4, 1, 4, 2)
