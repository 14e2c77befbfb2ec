"""The USL's published tables, and why some published answers are wrong."""

import math

import pytest

from dynometer.analysis import absolute, fitting, usl
from dynometer.analysis.choice import choose
from dynometer.analysis.lack_of_fit import improvement_p
from dynometer.analysis.usl import Law
from dynometer.errors import InvalidInput


def points_of(case):
    return {point["N"]: [point["X"]] for point in case["points"]}


@pytest.mark.parametrize("key", ["expected_nls3", "verified"])
def test_absolute_least_squares_of_sdm91(published, sdm91, key):
    expected, tolerance = published("usl_specsdm91")[key], published("usl_specsdm91")["tolerance"]["coefficients_rel"]

    fit = absolute.fit(sdm91)

    assert fit.sigma == pytest.approx(expected["sigma"], rel=tolerance)
    assert fit.kappa == pytest.approx(expected["kappa"], rel=4e-4 if key == "expected_nls3" else tolerance)  # 4 digits
    assert fit.gamma == pytest.approx(expected["gamma"], rel=tolerance)
    assert fit.residual_se == pytest.approx(expected["residual_se"], rel=1e-4)
    assert usl.peak(fit.usl).workers == pytest.approx(expected["peak_N"], rel=1e-5)
    assert usl.peak(fit.usl).throughput == pytest.approx(expected["peak_X"], rel=1e-4)


def test_the_landmarks_and_standard_errors_of_sdm91(published, sdm91):
    expected = published("usl_specsdm91")["expected_nls3"]

    fit = absolute.fit(sdm91)

    assert {name: fit.se(name) for name in fit.free} == pytest.approx(expected["se"], rel=2e-3)  # kappa: 3 digits
    assert [fit.degrees, fit.ssq] == [expected["df"], pytest.approx(expected["ssr"], abs=0.01)]
    assert usl.asymptote(fit.usl) == pytest.approx(expected["limit_X"], rel=1e-5)
    assert usl.knee(fit.usl) == pytest.approx(expected["knee_N"], rel=1e-5)
    assert usl.throughput(expected["knee_N"], fit.usl) == pytest.approx(expected["knee_X"], abs=0.5)
    assert [round(fit.throughput(n)) for n in sdm91] == expected["fitted"]
    assert [x - fit.throughput(n) for n, (x,) in sdm91.items()] == pytest.approx(expected["residuals"], abs=0.05)
    assert [x / (fit.gamma * n) for n, (x,) in sdm91.items()] == pytest.approx(
        expected["efficiency_X_over_gammaN"], abs=1e-4)
    correlation = fit.covariance[0][2] / math.sqrt(fit.covariance[0][0] * fit.covariance[2][2])
    assert correlation == pytest.approx(expected["corr"]["gamma,sigma"], abs=1e-3)


def test_the_intervals_of_sdm91_use_the_two_sided_quantile_of_four_degrees(published, sdm91):
    """R's usl package says "95 %" of t(0.95, n - 1), which is an interval of about 90 %."""
    expected = published("usl_specsdm91")["verified"]["ci95_wald_t4"]

    fit = absolute.fit(sdm91)

    for name, (low, high) in expected.items():
        assert [fit.estimate(name).low, fit.estimate(name).high] == pytest.approx([low, high], rel=1e-3)
    half = (fit.estimate("sigma").high - fit.estimate("sigma").low) / 2
    assert half / fit.se("sigma") == pytest.approx(2.7764, abs=1e-3)  # not 1.9432 = t(0.95, 6)


def test_the_band_of_a_new_point_widens_away_from_the_points(sdm91):
    """That package draws a band of constant width."""
    fit = absolute.fit(sdm91)

    widths = [fit.band(n).high - fit.band(n).low for n in (108, 216, 300)]

    assert widths == sorted(widths)
    assert widths[2] > 1.2 * widths[0]


def test_sdm91_by_the_recommended_estimator(published, sdm91):
    expected = published("usl_specsdm91")["log_fit_recommended_estimator"]

    fit, choice = fitting.fit(sdm91), choose(sdm91)

    assert [fit.sigma, fit.kappa, fit.gamma] == pytest.approx(
        [expected["sigma"], expected["kappa"], expected["gamma"]], rel=1e-5)
    assert fit.residual_se == pytest.approx(expected["log_residual_se"], rel=1e-3)
    assert choice.law == "usl"
    assert choice.peak_workers.value == pytest.approx(expected["peak_N"], rel=1e-5)


def test_the_classic_transform_of_sdm91(published, sdm91):
    expected = published("usl_specsdm91")["expected_legacy_transform"]

    sigma, kappa = absolute.classic_transform(sdm91)

    assert [sigma, kappa] == pytest.approx([expected["sigma"], expected["kappa"]], rel=1e-6)


def test_the_classic_transform_finds_a_negative_kappa_in_half_of_the_sets_without_any(draw):
    curves = draw(lambda n: 100 * n / (1 + 0.03 * (n - 1)), [1, 2, 3, 4, 6, 8, 12, 16], 200, seed=5)

    negative = sum(absolute.classic_transform(curve)[1] < 0 for curve in curves)

    assert 80 <= negative <= 125
    assert all(fitting.fit(curve).kappa >= 0 for curve in curves[:20])


@pytest.mark.parametrize("curve", [{2: [2.0], 4: [3.5], 8: [6.0]}, {1: [1.0], 4: [3.5]}])
def test_the_classic_transform_refuses_a_table_without_one_worker_or_too_short(curve):
    with pytest.raises(InvalidInput, match="needs N = 1"):
        absolute.classic_transform(curve)


def test_kappa_improves_on_amdahl_in_sdm91(sdm91):
    p = improvement_p(absolute.fit(sdm91, "amdahl"), absolute.fit(sdm91), None)

    assert 2 * p == pytest.approx(0.018, abs=5e-4)  # published for both sides; ours is halved, kappa can't be negative


def test_the_predictions_for_the_rounded_table(published):
    case = published("usl_specsdm91_rounded")
    curve = points_of(case)

    fit = absolute.fit(curve)

    for source in ("expected", "verified"):
        predicted = {n: fit.throughput(int(n)) for n in case[source]["predict"]}
        assert predicted == pytest.approx(case[source]["predict"], rel=case["tolerance"]["predict_rel"])
    assert usl.peak(fit.usl).floor == (96, pytest.approx(1883.76, abs=0.01))


@pytest.mark.parametrize("case", ["usl_exact_synthetic", "usl_specsdm91_rounded"])
def test_the_recommended_estimator_on_the_other_tables(published, case):
    expected = published(case)["log_fit_recommended_estimator"]

    fit = fitting.fit(points_of(published(case)))

    assert [fit.sigma, fit.kappa, fit.gamma] == pytest.approx(
        [expected["sigma"], expected["kappa"], expected["gamma"]], rel=1e-5)
    assert usl.peak(fit.usl).workers == pytest.approx(expected["peak_N"], rel=1e-5)


def test_the_exact_table_has_its_peak_at_seven_and_no_knee(published):
    case = published("usl_exact_synthetic")

    fit, choice = absolute.fit(points_of(case)), choose(points_of(case))

    assert [fit.sigma, fit.kappa, fit.gamma] == pytest.approx([0.02, 0.02, 1.0], abs=case["tolerance"]["abs"])
    assert choice.law == "usl"
    assert usl.peak(fit.usl).workers == pytest.approx(7.0, abs=1e-3)
    assert usl.knee(fit.usl) is None  # 1 / sigma = 50 lies far beyond the peak


def test_the_oracle_table_with_non_integer_loads(published, oracle):
    case = published("usl_oracledb")
    r, tolerance = case["r_nls"], case["tolerance"]["rel"]

    fit = absolute.fit(oracle)

    assert [fit.sigma, fit.kappa, fit.gamma] == pytest.approx([r["sigma"], r["kappa"], r["gamma"]], rel=tolerance)
    assert {name: fit.se(name) for name in fit.free} == pytest.approx(r["se"], rel=tolerance)
    assert [fit.residual_se, fit.ssq] == pytest.approx([r["residual_se"], r["ssr"]], rel=tolerance)
    assert fit.degrees == r["df"]
    top = usl.peak(fit.usl)
    assert [top.workers, top.throughput] == pytest.approx(
        [case["verified_scipy"]["peak_N"], case["verified_scipy"]["peak_X"]], rel=tolerance)


def test_the_published_what_if(published):
    law = Law(gamma=published("usl_specsdm91")["expected_nls3"]["gamma"], sigma=0.001, kappa=0.00001)

    assert usl.peak(law).workers == pytest.approx(316.0696, abs=1e-4)
    assert usl.asymptote(law) == pytest.approx(89995.23, abs=0.01)


def test_the_kmeans_table_is_linear_and_its_kappa_is_zero(published):
    case = published("karpflatt_kmeans")
    curve = {p: [1 / t] for p, t in zip(case["openmp"]["p"], case["openmp"]["T_s"], strict=True)}

    fit, choice = absolute.fit(curve), choose(curve)

    assert fit.kappa == 0.0
    assert fit.sigma == pytest.approx(case["verified"]["openmp_usl"]["sigma"], rel=1e-4)
    assert choice.law == "amdahl"
    assert "No peak seen up to N = 10; if there is one, N >= " in choice.reason


def test_n_at_a_throughput_counts_kappa():
    """Two widely copied libraries drop kappa there, and in the latency: they answer with Amdahl's law."""
    law = Law(gamma=100.0, sigma=0.05, kappa=0.002)
    reached = usl.throughput(12, law)
    without_kappa = reached * (1 - law.sigma) / (law.gamma - reached * law.sigma)

    assert usl.workers_at_throughput(reached, law) == pytest.approx(12)
    assert usl.latency_at_throughput(reached, law) == pytest.approx(usl.latency(12, law))
    assert without_kappa == pytest.approx(9.39, abs=0.01)  # a fifth too few


def test_time_shares_add_up_only_with_the_whole_coherence_share():
    """R's overhead() halves the coherence share: its sum disagrees with the fit it came from."""
    law = Law(gamma=90.0, sigma=0.0277, kappa=1.044e-4)

    shares = usl.time_shares(100, law)

    assert shares.total == pytest.approx(law.gamma / usl.throughput(100, law))
    assert shares.total - shares.coherence / 2 < 0.9 * law.gamma / usl.throughput(100, law)
