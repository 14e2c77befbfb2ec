"""Mean waits beyond Poisson and exponential: published cases, and what each formula becomes at its limits."""

import pytest

from dynometer.capacity.checks import Unstable
from dynometer.capacity.gg_c import (
    allen_cunneen_wait_mean_s,
    kingman_wait_mean_s,
    pollaczek_khinchine_wait_mean_s,
    sakasegawa_wait_mean_s,
)
from dynometer.capacity.mmc import MMc
from dynometer.errors import InvalidInput


def test_the_call_centre_by_sakasegawa(published):
    case = published("queue_gg_c")["published"][0]

    found = sakasegawa_wait_mean_s(1 / 11.39, 90, 10, 1, (120 / 90) ** 2)

    assert found == pytest.approx(case["verified"], rel=1e-6)
    assert found == pytest.approx(case["Tq_s"], abs=0.005)


def test_the_retailer_by_sakasegawa(published):
    case = published("queue_gg_c")["published"][1]

    found = sakasegawa_wait_mean_s(1 / 2, 4, 3, 1, (2 / 4) ** 2)

    assert found == pytest.approx(case["verified"], rel=1e-5)
    assert found / 2 == pytest.approx(case["Iq"], abs=5e-5)  # Little: inquiries in the queue


def test_constant_service_halves_the_wait(published):
    assert pollaczek_khinchine_wait_mean_s(0.8, 1, 0) == pytest.approx(published("queue_gg_c")["published"][2]["Wq"])


def test_kingman_at_95_percent(published):
    found = kingman_wait_mean_s(0.95, 1, 1, 0.25)

    assert found == pytest.approx(published("queue_gg_c")["published"][3]["Wq"])


@pytest.mark.parametrize("servers", [1, 2, 7, 40])
def test_allen_cunneen_is_exact_for_m_m_c(servers):
    arrival = 0.83 * servers / 0.25

    assert allen_cunneen_wait_mean_s(arrival, 0.25, servers) == pytest.approx(MMc(arrival, 0.25, servers).wait_mean_s)


@pytest.mark.parametrize("cv2", [0, 0.25, 1, 4])
def test_with_one_server_all_formulas_are_one(cv2):
    exact = pollaczek_khinchine_wait_mean_s(7, 0.1, cv2)

    assert allen_cunneen_wait_mean_s(7, 0.1, 1, 1, cv2) == pytest.approx(exact)
    assert sakasegawa_wait_mean_s(7, 0.1, 1, 1, cv2) == pytest.approx(exact)


@pytest.mark.parametrize("formula", [allen_cunneen_wait_mean_s, sakasegawa_wait_mean_s])
def test_an_even_flow_of_even_work_never_waits(formula):
    assert formula(9.9, 1, 10, 0, 0) == 0


def test_sakasegawa_agrees_with_allen_cunneen_within_a_tenth_when_busy():
    assert sakasegawa_wait_mean_s(14.4, 1, 16) == pytest.approx(allen_cunneen_wait_mean_s(14.4, 1, 16), rel=0.1)


@pytest.mark.parametrize("formula", [allen_cunneen_wait_mean_s, sakasegawa_wait_mean_s])
def test_a_queue_without_end_is_refused(formula):
    with pytest.raises(Unstable, match="grows without end"):
        formula(10, 1, 10)


@pytest.mark.parametrize(("arrival_cv2", "service_cv2", "named"), [
    (-1, 1, "arrival_cv2"), (1, float("nan"), "service_cv2"),
])
def test_a_cv2_is_0_or_above(arrival_cv2, service_cv2, named):
    with pytest.raises(InvalidInput, match=f"{named} must be"):
        kingman_wait_mean_s(0.5, 1, arrival_cv2, service_cv2)
