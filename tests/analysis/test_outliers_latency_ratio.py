"""Outliers, latency percentiles and ratios: published cases and simulated ones."""

import math

import numpy as np
import pytest

from dynometer.analysis import latency, ratio
from dynometer.analysis.outliers import outliers
from dynometer.analysis.replicates import interval
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
    lambda: ratio.paired({1: 1.0}, {2: 1.0}), lambda: ratio.unpaired([], [1.0]), lambda: ratio.unpaired([1.0], [-1.0]),
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

    paired, unpaired = ratio.paired(first, second), ratio.unpaired([*first.values()], [*second.values()])

    assert paired.low < 2 < paired.high
    assert paired.high - paired.low < 0.02 < unpaired.high - unpaired.low


def test_blocks_with_one_side_only_are_left_out():
    assert ratio.paired({1: 2.0, 2: 4.0, 3: 900.0}, {1: 1.0, 2: 2.0, 4: 1.0}).value == pytest.approx(2.0)


@pytest.mark.parametrize(("estimate", "is_evidence"), [
    (Estimate(1.2, 0.99, 1.45), False),  # includes 1
    (Estimate(1.04, 1.03, 1.05), False),  # certain, and too small
    (Estimate(0.96, 0.955, 0.965), False),
    (Estimate(1.2, 1.1, 1.3), True),
    (Estimate(0.5, 0.45, 0.55), True),
    (Estimate(3.0, 0.0, math.inf), False),  # measured once
])
def test_a_winner_is_named_on_evidence_only(estimate, is_evidence):
    found = ratio.verdict(estimate, "Threads", "sequential")

    assert found.is_evidence == is_evidence
    assert found.sentence.startswith("Threads delivers" if is_evidence else "No evidence")


def test_the_same_point_measured_twice_is_called_different_in_at_most_five_percent_of_comparisons():
    random = np.random.default_rng(7)
    sides = np.exp(random.normal(0, 0.03, (1000, 2, 5)))

    paired = [ratio.paired(dict(enumerate(a)), dict(enumerate(b))) for a, b in sides]
    unpaired = [ratio.unpaired(a, b) for a, b in sides]

    for ratios in (paired, unpaired):
        assert 0.93 <= sum(each.low <= 1 <= each.high for each in ratios) / 1000 <= 0.97
        assert sum(ratio.verdict(each).is_evidence for each in ratios) <= 50
