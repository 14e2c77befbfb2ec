"""The estimators: what they recover, their intervals, and what they do when the optimiser fails."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from dynometer.analysis import absolute, fitting
from dynometer.analysis.fitting import TooFewPoints
from dynometer.analysis.replicates import summarise
from dynometer.analysis.usl import Law, throughput
from dynometer.errors import InvalidInput

EIGHT = [1, 2, 3, 4, 6, 8, 12, 16]


def curve_of(law, workers=EIGHT):
    return {n: [throughput(n, law)] for n in workers}


@settings(max_examples=40, deadline=None)
@given(st.builds(Law, st.floats(1e-3, 1e6), st.floats(0, 0.9), st.floats(0, 0.1)), st.sampled_from([1, 10, 500]))
def test_both_estimators_recover_the_law_that_drew_the_points(law, step):
    """Whether N counts cores or thousands of users."""
    scaled = Law(law.gamma, law.sigma / step, law.kappa / step**2)
    curve = curve_of(scaled, [1, *(n * step for n in EIGHT[1:])])

    for fit in (fitting.fit(curve), absolute.fit(curve)):
        assert fit.gamma == pytest.approx(law.gamma, rel=1e-4)
        assert fit.sigma == pytest.approx(scaled.sigma, rel=1e-4, abs=1e-6 / step)
        assert fit.kappa == pytest.approx(scaled.kappa, rel=1e-4, abs=1e-7 / step**2)


def test_a_coefficient_at_its_bound_is_exactly_zero():
    fit = fitting.fit(curve_of(Law(10.0, 0.05), EIGHT))

    assert fit.kappa == 0.0
    assert fit.estimate("kappa").low == 0.0


def test_the_analytic_jacobian_is_the_derivative():
    workers = np.array(EIGHT, float)
    for is_log in (True, False):
        problem = fitting.Problem(workers, np.ones(8), np.full(8, 2.0), is_log=is_log, most=1.5)
        at = np.array([0.3, 0.4, 0.7])
        steps = [(problem.residuals(at + h) - problem.residuals(at - h)) / 2e-6 for h in np.eye(3) * 1e-6]

        assert problem.jacobian(at) == pytest.approx(np.column_stack(steps), abs=1e-8)


def test_replicates_count_by_their_number():
    """Equal rows at one N pull as often as they are there: unequal counts weigh the means."""
    curve = curve_of(Law(10.0, 0.05, 0.001))
    curve[4] = [curve[4][0] * 1.1] * 50 + [curve[4][0] * 1.1001] * 50

    assert fitting.fit(curve).throughput(4) == pytest.approx(curve[4][0], rel=0.01)


def test_the_pooled_variance_by_hand():
    data = summarise({1: [1.0, math.e], 2: [math.e, math.e**3]})  # logs 0, 1 and 1, 3

    assert data.mean_log == pytest.approx((0.5, 2.0))
    assert data.variance == pytest.approx((0.5 + 2.0) / 2)
    assert data.degrees == 2


def test_the_closed_form_stands_in_when_the_optimiser_fails(monkeypatch):
    def fails(*_args, **_options):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(optimize, "least_squares", fails)

    fit = fitting.fit(curve_of(Law(10.0, 0.05, 0.001)))

    assert not fit.is_refined
    assert [fit.gamma, fit.sigma, fit.kappa] == pytest.approx([10.0, 0.05, 0.001])


def test_superlinear_points_are_said_to_be_so_and_fitted_within_bounds(draw):
    (curve,) = draw(lambda n: 100 * n**1.15, EIGHT, 1, seed=3, noise=0.005)

    fit = fitting.fit(curve)

    assert fit.sigma == 0.0
    assert "Superlinear: without bounds sigma would be -0." in fit.superlinear
    assert "baseline" in fit.superlinear


def test_noise_alone_is_not_superlinear(draw):
    fits = [fitting.fit(curve) for curve in draw(lambda n: 100 * n, EIGHT, 100, seed=4)]

    assert sum(bool(fit.superlinear) for fit in fits) <= 8  # two sides of 2.5 %


def test_three_points_without_replicates_have_no_intervals():
    for fit in (fitting.fit(curve_of(Law(9.0, 0.1), [1, 2, 4])), absolute.fit(curve_of(Law(9.0, 0.1), [1, 2, 4]))):
        assert fit.degrees == 0
        assert math.isinf(fit.estimate("gamma").high)
        assert fit.estimate("sigma").low == 0.0
        assert math.isinf(fit.band(3).high)


@pytest.mark.parametrize("estimate", [fitting.fit, absolute.fit])
def test_too_few_points_are_refused(estimate):
    with pytest.raises(TooFewPoints):
        estimate({1: [1.0, 1.1], 2: [2.0, 2.1]})


@pytest.mark.parametrize("curve", [
    {}, {1: []}, {0: [1.0]}, {-1: [1.0]}, {math.nan: [1.0]}, {1: [0.0]}, {1: [-3.0]}, {1: [math.nan]}, {1: [math.inf]},
])
def test_what_is_no_curve_is_refused(curve):
    with pytest.raises(InvalidInput):
        summarise(curve)


def test_absolute_least_squares_without_a_finite_optimum_say_so():
    curve = {2: [1.55], 3: [0.85], 12: [0.2], 24: [0.12]}  # like N / N^2 from two on: gamma and kappa grow together

    fit = absolute.fit(curve)

    assert not fit.is_refined
    assert max(fit.sigma, fit.kappa) == pytest.approx(1.0, rel=1e-3)
    assert fit.residual_se < 0.15
