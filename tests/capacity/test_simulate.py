"""The simulation: its arithmetic by hand, its agreement with theory, its refusals."""

import numpy as np
import pytest

from dynometer.capacity.checks import Unstable
from dynometer.capacity.gg_c import allen_cunneen_wait_mean_s, pollaczek_khinchine_wait_mean_s
from dynometer.capacity.mmc import MMc
from dynometer.capacity.service import Constant, Exponential, Gamma
from dynometer.capacity.simulate import limited_waits_s, simulate, waits_s
from dynometer.errors import InvalidInput


def test_two_servers_by_hand():
    # 0: served 0-4; 1: served 1-3; 2: waits for the one free at 3, till 8; 2: waits till 4
    waits = waits_s(np.array([0.0, 1, 2, 2]), np.array([4.0, 2, 5, 1]), 2)

    assert waits.tolist() == [0, 0, 1, 2]


def test_one_place_to_wait_by_hand():
    # served 0-4; waits 1-4; turned away at 2; gone by 5, so the next waits 5-6
    waits = limited_waits_s(np.array([0.0, 1, 2, 5]), np.array([4.0, 2, 5, 1]), 1, 1)

    assert waits.tolist() == [0, 3, np.inf, 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_four_servers_at_80_percent_agree_with_theory(seed):
    theory = MMc(3.2, 1, 4)

    run = simulate(3.2, Exponential(1), 4, arrivals=100_000, seed=seed)

    assert run.wait_mean_s.value == pytest.approx(theory.wait_mean_s, rel=0.08)
    assert run.p_wait.value == pytest.approx(theory.p_wait, rel=0.04)
    assert run.response_quantile_s.value == pytest.approx(theory.response_quantile_s(0.95), rel=0.08)
    assert run.utilisation == pytest.approx(0.8, rel=0.02)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    truth = MMc(1.4, 1, 2).response_mean_s

    runs = [simulate(1.4, Exponential(1), 2, arrivals=20_000, seed=seed).response_mean_s for seed in range(40)]

    assert sum(run.low < truth < run.high for run in runs) >= 34


def test_uneven_services_agree_with_pollaczek_and_khinchine():
    run = simulate(0.6, Gamma(1, 3), 1, arrivals=200_000)

    assert run.wait_mean_s.value == pytest.approx(pollaczek_khinchine_wait_mean_s(0.6, 1, 3), rel=0.08)


def test_an_even_flow_of_even_work_never_waits():
    run = simulate(9.5, Constant(1), 10, arrival_cv2=0, arrivals=5_000)

    assert run.wait_quantile_s.value == pytest.approx(0, abs=1e-9)
    assert run.response_mean_s.value == pytest.approx(1)


def test_the_same_seed_tells_the_same_story():
    first, again, other = (simulate(1, Exponential(1), 2, arrivals=2_000, seed=seed) for seed in (7, 7, 8))

    assert first == again != other


def test_the_tasks_of_a_batch_arrive_together():
    # one server, constant service 1, batches of 4 far apart: waits 0, 1, 2, 3
    run = simulate(0.01, Constant(1), 1, batch=4, arrival_cv2=0, arrivals=4_000)

    assert run.wait_mean_s.value == pytest.approx(1.5)
    assert run.p_wait.value == pytest.approx(0.75)


def test_a_queue_without_end_is_not_simulated():
    with pytest.raises(Unstable):
        simulate(2, Exponential(1), 2)


@pytest.mark.parametrize(("options", "named"), [
    ({"arrivals": 10}, "arrivals"), ({"batch": 0}, "batch"), ({"arrival_cv2": -1}, "arrival_cv2"),
    ({"quantile": 1}, "quantile"),
])
def test_what_can_not_be_simulated_is_refused(options, named):
    with pytest.raises(InvalidInput, match=f"{named} must be"):
        simulate(1, Exponential(1), 2, **options)


@pytest.mark.parametrize(("arrival", "servers", "batch"), [(900, 1_000, 1), (9, 10, 1_000)])
def test_a_run_too_short_to_show_a_steady_state_is_refused(arrival, servers, batch):
    with pytest.raises(InvalidInput, match="10,000 arrivals are too few") as refusal:
        simulate(arrival, Exponential(1), servers, batch=batch, arrivals=10_000)

    assert refusal.value.hint == "Simulate at least 20 arrivals per busy server, and 20 batches."


@pytest.mark.parametrize(("service", "servers", "rho", "low", "high"), [  # science B.3, with room for 1.5e5 arrivals
    (Exponential(1), 4, 0.7, 0.92, 1.08), (Constant(1), 4, 0.7, 0.88, 1.02), (Constant(1), 16, 0.8, 0.82, 0.98),
    (Gamma(1, 4), 16, 0.8, 1.0, 1.5),
])
def test_the_mean_wait_by_allen_and_cunneen_errs_as_known(service, servers, rho, low, high):
    found = allen_cunneen_wait_mean_s(servers * rho, 1, servers, 1, service.cv2)

    run = simulate(servers * rho, service, servers, arrivals=150_000)

    assert low < found / run.wait_mean_s.value < high
