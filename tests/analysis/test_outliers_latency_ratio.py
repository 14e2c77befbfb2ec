"""Outliers, latency percentiles and ratios: published cases and simulated ones."""

import math

import numpy as np
import pytest

from dynometer.analysis import latency, ratio
from dynometer.analysis.outliers import outliers
from dynometer.analysis.student import interval, welch
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate


def test_the_published_cases_of_outliers(published):
    for case in published("outliers_modified_z")["cases"]:
        assert len(outliers(case["x"])) == case["n"], case


def test_an_outlier_is_named_by_its_place():
    assert outliers([10, 10, 99, 10, 10, 1, 10]) == (2, 5)


def test_the_published_case_of_coordinated_omission(published):
    case = published("latency_coordinated_omission")
    given, tolerance = case["input_usec"], case["tolerance_rel"]
    raw = [given["value"]] * given["count"] + [given["then"]]

    full = latency.corrected(raw, given["expected_interval"])

    for values, expected in ((raw, case["expected_raw"]), (full, case["expected_corrected"])):
        assert len(values) == expected["count"]
        assert np.std(values) == pytest.approx(expected["sd"], rel=tolerance)
        shown = {key: value for key, value in expected.items() if key.startswith("p")}
        quantiles = [float(key[1:]) / 100 for key in shown]
        assert latency.percentiles(values, quantiles) == pytest.approx(list(shown.values()), rel=tolerance)
        assert sum(value <= 5000 for value in values) / len(values) == pytest.approx(expected["share_le_5ms"], rel=1e-4)
    assert np.mean(full) == pytest.approx(case["expected_corrected"]["mean_exact_sum"])
    assert np.mean(full) == pytest.approx(case["expected_corrected"]["mean_published"], rel=tolerance)  # of buckets


@pytest.mark.parametrize("call", [
    lambda: latency.corrected([1.0], 0), lambda: latency.corrected([math.nan], 1),
    lambda: latency.corrected([1e9], 1.0),
    lambda: latency.percentile([], 0.5), lambda: latency.percentile([1.0], 95), lambda: latency.enough_samples(1.0),
    lambda: outliers([1.0, math.inf]), lambda: interval([]), lambda: interval([1.0, 0.0]),
    lambda: ratio.paired({1: 1.0}, {2: 1.0}), lambda: welch([], [1.0]), lambda: welch([1.0], [-1.0]),
])
def test_nonsense_is_refused(call):
    with pytest.raises(InvalidInput):
        call()


@pytest.mark.parametrize(("quantile", "samples"), [(0.5, 20), (0.95, 200), (0.99, 1000)])
def test_a_tail_needs_samples(quantile, samples):
    assert latency.enough_samples(quantile) == samples


def test_the_interval_of_three_values_by_hand():
    mean = interval([1.0, math.e, math.e**2])  # logs 0, 1, 2: mean 1, SD 1, t = 4.3027 with 2 degrees

    assert mean.value == pytest.approx(math.e)
    assert math.log(mean.low) == pytest.approx(1 - 4.3027 / 3**0.5, abs=1e-4)
    assert math.log(mean.high) == pytest.approx(1 + 4.3027 / 3**0.5, abs=1e-4)


def test_one_value_has_no_interval():
    assert interval([5.0]) == Estimate(pytest.approx(5.0), 0.0, math.inf)


def test_a_drift_cancels_within_blocks():
    drift = {block: 1 - 0.02 * block for block in range(6)}
    noise = dict(enumerate([1.004, 0.997, 1.0, 1.002, 0.998, 1.001]))
    first, second = {b: 200 * d * noise[b] for b, d in drift.items()}, {b: 100 * d for b, d in drift.items()}

    paired, unpaired = ratio.paired(first, second), welch([*first.values()], [*second.values()]).ratio

    assert paired.low < 2 < paired.high
    assert paired.high - paired.low < 0.02 < unpaired.high - unpaired.low


def test_blocks_with_one_side_only_are_left_out():
    assert ratio.paired({1: 2.0, 2: 4.0, 3: 900.0}, {1: 1.0, 2: 2.0, 4: 1.0}).value == pytest.approx(2.0)


def test_welch_agrees_with_scipy():
    from scipy import stats

    a, b = [1.0, 2.0, 4.0, 4.5], [2.5, 3.5, 6.0]
    expected = stats.ttest_ind(np.log(a), np.log(b), equal_var=False)

    found = welch(a, b)

    assert found.p == pytest.approx(expected.pvalue)
    assert (math.log(found.ratio.low), math.log(found.ratio.high)) == pytest.approx(expected.confidence_interval())


def test_equal_numbers_without_spread_are_no_difference():
    found = welch([1.0, 1.0, 1.0], [1.0, 1.0, 1.0])

    assert (found.p, found.ratio) == (1.0, Estimate(1.0, 1.0, 1.0))


def test_a_side_of_one_value_tells_no_difference():
    found = welch([2.0], [1.0, 1.1])

    assert (found.p, found.ratio.low, found.ratio.high) == (None, 0.0, math.inf)


def test_the_same_point_measured_twice_is_called_different_in_at_most_five_percent_of_comparisons():
    random = np.random.default_rng(7)
    sides = np.exp(random.normal(0, 0.03, (1000, 2, 5)))

    paired = [ratio.paired(dict(enumerate(a)), dict(enumerate(b))) for a, b in sides]
    unpaired = [welch(a, b).ratio for a, b in sides]

    for ratios in (paired, unpaired):
        assert 0.93 <= sum(each.low <= 1 <= each.high for each in ratios) / 1000 <= 0.97
