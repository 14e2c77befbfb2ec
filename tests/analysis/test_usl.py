"""The USL's and the roofline's formulas: inverses, shares, refusals."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynometer.analysis import roofline, usl
from dynometer.analysis.usl import Law
from dynometer.errors import InvalidInput

laws = st.builds(Law, st.floats(0.01, 1e6), st.floats(0, 0.9), st.sampled_from([0.0, 1e-9, 1e-5, 0.002, 0.3]))


def test_peak_by_hand():
    top = usl.peak(Law(gamma=100.0, sigma=0.05, kappa=0.002))

    assert top.workers == pytest.approx(21.7945, abs=1e-4)  # sqrt((1 - 0.05) / 0.002)
    assert (top.floor[0], top.ceil[0]) == (21, 22)
    assert top.best[0] == 22  # X(22) = 738.3 > X(21) = 738.0


def test_rounding_the_peak_is_not_always_best():
    top = usl.peak(Law(gamma=1.0, sigma=0.0, kappa=1 / 2.04))  # N* = 1.43, X(1) = 1, X(2) = 1.0099

    assert round(top.workers) == 1
    assert top.best[0] == 2


@given(laws, st.floats(1, 500))
def test_latency_comes_back_to_its_workers(law, workers):
    assume(law.sigma > 1e-3 or law.kappa * workers > 1e-6)

    assert usl.workers_at_latency(usl.latency(workers, law), law) == pytest.approx(workers, rel=1e-5)


@given(laws, st.floats(0.05, 0.98))
def test_both_roots_of_a_throughput_reach_it_on_either_side_of_the_peak(law, share):
    assume(law.kappa > 0)
    top = usl.peak(law)
    throughput = top.throughput * share

    rising, falling = usl.workers_at_throughput(throughput, law), usl.workers_past_peak_at_throughput(throughput, law)

    assert rising < top.workers < falling
    assert usl.throughput(rising, law) == pytest.approx(throughput, rel=1e-6)
    assert usl.throughput(falling, law) == pytest.approx(throughput, rel=1e-6)


@given(laws, st.floats(1, 1000))
def test_time_shares_add_up_to_the_time(law, workers):
    assert usl.time_shares(workers, law).total == pytest.approx(law.gamma / usl.throughput(workers, law))


def test_without_kappa_the_curve_only_flattens():
    law = Law(gamma=90.0, sigma=0.1)

    assert usl.peak(law) is None
    assert usl.workers_past_peak_at_throughput(450.0, law) is None
    assert usl.workers_at_throughput(450.0, law) == pytest.approx(9.0)  # 90 N / (1 + .1 (N - 1)) = 450
    assert usl.workers_at_latency(usl.latency(9, law), law) == pytest.approx(9.0)
    assert usl.most(law) == pytest.approx(900.0)
    assert usl.knee(law) == pytest.approx(10.0)


def test_a_linear_law_never_slows_down():
    law = Law(gamma=2.0, sigma=0.0)

    assert usl.workers_at_latency(0.5, law) == math.inf
    assert usl.asymptote(law) == math.inf
    assert usl.efficiency(100, law) == 1.0


def test_a_law_that_falls_from_the_first_worker_has_its_most_there():
    law = Law(gamma=10.0, sigma=1.1, kappa=0.1)

    assert usl.peak(law) is None
    assert usl.most(law) == 10.0


@pytest.mark.parametrize("call", [
    lambda: Law(0.0, 0.1), lambda: Law(1.0, -0.1), lambda: Law(1.0, 0.1, math.nan),
    lambda: usl.throughput(0, Law(1.0, 0.1)), lambda: usl.throughput(0.1, Law(1.0, 1.4)),
    lambda: usl.workers_at_throughput(11.0, Law(1.0, 0.1)), lambda: usl.workers_at_throughput(9.0, Law(1.0, 0.1, 0.01)),
    lambda: usl.workers_at_throughput(0.5, Law(1.0, 1.2)), lambda: usl.workers_at_latency(0.5, Law(1.0, 0.1)),
    lambda: roofline.throughput(2, 10, 0), lambda: roofline.workers_at_throughput(50, 10, 4),
    lambda: roofline.gil_bound(2, 0, 0), lambda: roofline.gil_bound(2, -1, 2), lambda: roofline.gil_knee(0, 1),
])
def test_what_a_law_can_not_do_is_refused(call):
    with pytest.raises(InvalidInput):
        call()


def test_the_roofline_by_hand():
    assert [roofline.throughput(n, 10.0, 4) for n in (1, 4, 8)] == [10.0, 40.0, 40.0]
    assert roofline.throughput(2, 10.0, 1.5) == 15.0  # a quota of one and a half cores
    assert roofline.workers_at_throughput(35.0, 10.0, 4) == 3.5


@pytest.mark.parametrize(("threads", "most"), [(1, 100.0), (3, 300.0), (5, 500.0), (12, 500.0)])
def test_the_bound_of_a_mixed_task_under_one_gil(threads, most):
    assert roofline.gil_bound(threads, 0.002, 0.008) == pytest.approx(most)  # 2 ms + 8 ms
    assert roofline.gil_knee(0.002, 0.008) == pytest.approx(5.0)
    assert roofline.gil_bound(threads, 0.0, 0.01) == pytest.approx(100.0 * threads)
