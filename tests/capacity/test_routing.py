"""Requests spread at random over processes: known queues, and a slower reckoning of the same."""

import math

import pytest

from dynometer.capacity.mmc import MMc
from dynometer.capacity.routing import route
from dynometer.capacity.service import Constant, Exponential
from dynometer.capacity.station import Load
from dynometer.capacity.web_tier import WebNode
from dynometer.errors import InvalidInput


def test_computing_alone_is_one_queue_per_process():
    seen = route(Load(60, Exponential(0.04)), WebNode(2, 4, 0.04, 0.04), 2, 0.95)  # 15/s at each

    assert seen.processes == 4
    assert seen.times.response_mean_s.value == pytest.approx(0.04 / (1 - 0.6), rel=0.04)
    assert seen.times.response_quantile_s.value == pytest.approx(math.log(20) / (25 - 15), rel=0.05)


def test_waiting_alone_is_a_queue_for_the_threads():
    expected = MMc(60, 0.05, 4)

    seen = route(Load(120, Exponential(0.05)), WebNode(1, 4, 0.05, 0.0), 2, 0.95)

    assert seen.times.p_wait.value == pytest.approx(expected.p_wait, rel=0.05)
    assert seen.times.response_quantile_s.value == pytest.approx(expected.response_quantile_s(0.95), rel=0.05)


def test_processes_that_share_cores_compute_more_slowly():
    alone, shared = (route(Load(20, Constant(0.02)), WebNode(2, 4, 0.02, 0.02, cores), 1, 0.5) for cores in (2, 1))

    assert alone.times.response_quantile_s.value < 0.7 * shared.times.response_quantile_s.value
    assert shared.utilisation == pytest.approx(0.4)


@pytest.mark.parametrize(("arrival_cv2", "batch", "p_wait"), [(0.0, 1, 0.0), (1.0, 8, 7 / 8)])
def test_gaps_and_batches_reach_one_process_as_they_are(arrival_cv2, batch, p_wait):
    seen = route(Load(1, Constant(0.01), arrival_cv2, batch), WebNode(1, 1, 0.01, 0.01), 1, 0.95)

    assert seen.times.p_wait.value == pytest.approx(p_wait, abs=0.02)


def test_of_a_batch_few_meet_in_one_of_many_processes():
    seen = route(Load(1, Constant(0.01), 1.0, 8), WebNode(100, 1, 0.01, 0.01), 1, 0.95)

    assert seen.times.p_wait.value == pytest.approx(7 * 0.01 / 2, rel=0.15)  # 7 companions, each here by 1 in 100


def test_a_negative_seed_is_refused():
    with pytest.raises(InvalidInput, match="seed"):
        route(Load(1, Constant(0.01)), WebNode(1, 1, 0.01, 0.01), 1, 0.95, seed=-1)
