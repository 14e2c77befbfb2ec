"""Which law is chosen, and what is said of what can't be known."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.analysis.choice import choose
from dynometer.analysis.forecast import MISSES, forecast
from dynometer.analysis.usl import Law, throughput
from dynometer.errors import InvalidInput

EIGHT = [1, 2, 3, 4, 6, 8, 12, 16]
STEADY = (0.99, 1.01, 1.0, 0.995, 1.005)  # replicates without chance: 0.8 % apart


def replicated(law, workers=EIGHT):
    return {n: [law(n) * factor for factor in STEADY] for n in workers}


def usl_curve(sigma, kappa, workers=EIGHT):
    return replicated(lambda n: throughput(n, Law(100.0, sigma, kappa)), workers)


def test_a_retrograde_curve_is_usl_with_its_peak():
    choice = choose(usl_curve(0.03, 0.01))

    assert choice.law == "usl"
    assert choice.peak_workers.low < math.sqrt(0.97 / 0.01) < choice.peak_workers.high
    assert "Throughput peaks near 9.85 workers" in choice.reason
    assert choice.lack_of_fit_p > 0.9
    assert choice.warnings == ()


def test_a_flattening_curve_is_amdahl_and_its_peak_unseen():
    choice = choose(usl_curve(0.1, 0.0))

    assert choice.law == "amdahl"
    assert choice.peak_workers is None
    assert choice.coefficients.kappa is None
    assert choice.coefficients.sigma.value == pytest.approx(0.1)
    assert "No peak seen up to N = 16; if there is one, N >= " in choice.reason


@pytest.mark.parametrize(("workers", "cores"), [(EIGHT, 4), ([1, 2, 4], 2), ([1, 2, 3, 4], 1.5), ([1, 2, 3, 4], 8)])
@pytest.mark.parametrize("law", [lambda curve: curve, lambda curve: {n: x[:1] for n, x in curve.items()}],
                         ids=["replicates", "single"])
def test_linear_up_to_the_cores_and_flat_beyond_is_roofline(workers, cores, law):
    choice = choose(law(replicated(lambda n: 100 * min(n, cores), workers)), cores)

    assert choice.law == "roofline"
    assert choice.coefficients.cores == cores
    assert choice.coefficients.gamma.value == pytest.approx(100, rel=0.02)
    assert choice.oversubscribed == tuple(n for n in workers if n > cores)
    assert ("was not seen" in choice.reason) == (cores == 8)


@pytest.mark.parametrize("cut", [lambda curve: curve, lambda curve: {n: x[:1] for n, x in curve.items()}],
                         ids=["replicates", "single"])
@pytest.mark.parametrize("plateau", [4, 3.4, 5])
def test_a_plateau_of_unknown_cores_is_a_roofline_and_no_peak(plateau, cut):
    choice = choose(cut(replicated(lambda n: 100 * min(n, plateau))))

    assert choice.law == "roofline"
    assert choice.peak_workers is None
    assert choice.coefficients.cores == pytest.approx(plateau, rel=0.01)
    assert choice.fit.break_point.low <= plateau * 1.001
    assert choice.fit.break_point.high >= plateau * 0.999
    assert f"linear up to about {plateau:.3g} workers" in choice.reason


def test_a_last_point_alone_is_no_plateau():
    assert choose(usl_curve(0.02, 0.004, [1, 2, 3, 4, 6, 8])).law == "usl"


SUPERLINEAR = [1, 2, 4, 8]


@pytest.mark.parametrize(("law", "cores", "chosen"), [
    (lambda n: 100 * n**1.15, None, "none"), (lambda n: 100 * n**1.15, 8, "none"),
    (lambda n: 100 * n / (1 - 0.0019 * (n - 1)), 8, "roofline"),  # too little for the lack of fit to see
])
def test_superlinear_points_are_told_whatever_the_law(law, cores, chosen):
    choice = choose(replicated(law, SUPERLINEAR), cores)

    assert choice.law == chosen
    assert choice.superlinear.startswith("Superlinear: without bounds")
    assert choice.superlinear in choice.warnings


def test_a_linear_curve_is_not_superlinear():
    assert choose(replicated(lambda n: 100.0 * n), 16).superlinear == ""


def test_a_flat_curve_is_the_roofline_of_one_core():
    choice = choose(replicated(lambda n: 100.0), 4)

    assert (choice.law, choice.coefficients.cores) == ("roofline", 1)
    assert "GIL" in choice.reason


def test_oversubscribed_points_do_not_enter_the_law():
    curve = usl_curve(0.1, 0.0, [1, 2, 3, 4, 5, 6]) | replicated(lambda n: 250.0, [8, 12])

    choice = choose(curve, 6)

    assert choice.law == "amdahl"
    assert choice.coefficients.sigma.value == pytest.approx(0.1, abs=1e-6)
    assert choice.oversubscribed == (8, 12)
    assert "8 workers on 6 cores are oversubscribed: they deliver 37.5% less" in choice.warnings[0]  # 250 / 400
    assert forecast(choice, 8).standing == "refused"


def test_a_loss_beyond_the_cores_does_not_spoil_the_roofline_below():
    choice = choose(replicated(lambda n: 100 * n if n <= 4 else 320.0), 4)

    assert choice.law == "roofline"
    assert "20.0% less" in choice.warnings[0]


def test_work_that_waits_is_not_bound_by_the_cores():
    choice = choose(usl_curve(0.02, 0.0), 2)

    assert choice.law == "amdahl"
    assert choice.oversubscribed == ()
    assert "this work waits rather than computes" in choice.warnings[0]


@pytest.mark.parametrize(("curve", "cores", "words"), [
    ({1: [100.0], 2: [180.0]}, None, "2 worker counts can't tell laws apart"),
    ({1: [100.0], 2: [180.0], 4: [290.0]}, None, "sigma and kappa are not identifiable"),
    (replicated(lambda n: 100 * n**0.4, [1, 2, 4]), 2, "Only 2 worker counts up to the 2 cores"),
    (replicated(lambda n: 100 * n**0.4, [2, 4, 8]), 1, "Only 0 worker counts up to the 1 core,"),
    (replicated(lambda n: 100 * (n if n % 2 else n / 2)), None, "Neither Amdahl's law nor the USL"),
])
def test_no_law_is_chosen_without_grounds_and_the_reason_says_why(curve, cores, words):
    choice = choose(curve, cores)

    assert (choice.law, choice.coefficients, choice.fit) == ("none", None, None)
    assert words in choice.reason
    assert forecast(choice, 4).standing == "refused"


def test_equal_replicates_are_no_proof_of_a_noiseless_machine():
    curve = {n: [round(x[2], 2)] * 5 for n, x in usl_curve(0.05, 0.003).items()}  # rounded, so no law is exact

    choice = choose(curve)

    assert choice.law == "usl"


def test_a_few_duplicates_are_not_enough_to_know_the_noise():
    curve = {n: x[:1] for n, x in usl_curve(0.05, 0.003).items()} | {1: [100.0, 101.0]}

    choice = choose(curve)

    assert choice.lack_of_fit_p is None
    assert any(warning.startswith("Too few replicates") for warning in choice.warnings)


def test_a_curve_that_visibly_falls_is_not_called_peakless():
    choice = choose({1: [100.0], 2: [180.0], 4: [150.0], 8: [90.0]})

    assert choice.law == "usl"
    assert "Throughput was greatest at N = 2 and fell after it" in choice.reason


def test_wild_points_leave_sigma_open():
    choice = choose({1: [100.0], 2: [180.0], 4: [150.0], 8: [90.0]})

    assert any(warning.startswith("sigma is not identifiable") for warning in choice.warnings)
    assert any("scatter by" in warning for warning in choice.warnings)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([0.5, 1, 2, 3, 4, 8, 64, 1000]), st.lists(st.floats(1e-9, 1e12), max_size=4),
                       max_size=8), st.sampled_from([None, 0.5, 4, 64]))
def test_any_positive_table_gets_an_answer_in_words(curve, cores):
    if not any(curve.values()):
        with pytest.raises(InvalidInput, match="empty"):
            choose(curve, cores)
        return

    choice = choose(curve, cores)

    assert choice.law in ("roofline", "amdahl", "usl", "none")
    assert choice.reason.endswith(".")
    assert (choice.fit is None) == (choice.law == "none")


@pytest.mark.parametrize("cores", [0, -1, math.nan, math.inf])
def test_impossible_cores_are_refused(cores):
    with pytest.raises(InvalidInput):
        choose(usl_curve(0.1, 0.0), cores)


@pytest.mark.parametrize(("workers", "is_asked", "standing"), [
    (10, False, "inside"), (24, False, "extrapolated"), (24.1, False, "refused"), (64, True, "far"), (0.5, False,
                                                                                                     "extrapolated"),
])
def test_how_far_a_forecast_may_go(workers, is_asked, standing):
    law = Law(100.0, 0.03, 0.01)

    found = forecast(choose(usl_curve(0.03, 0.01)), workers, is_asked=is_asked)

    assert found.standing == standing
    assert (MISSES in found.sentence) == (workers > 24)
    if standing != "refused":
        assert found.throughput.low < throughput(workers, law) < found.throughput.high


@pytest.mark.parametrize(("top", "workers", "standing"), [
    (8, 8, "inside"), (8, 9, "refused"), (8, 12, "refused"),  # as many cores as measured: no plateau was seen
    (12, 12, "inside"), (12, 16, "extrapolated"), (12, 19, "refused"),  # seen with 12 workers on 8 cores
])
def test_a_roofline_is_forecast_beyond_the_cores_only_where_its_plateau_was_seen(top, workers, standing):
    choice = choose(replicated(lambda n: 100 * min(n, 8), [n for n in (1, 2, 3, 4, 6, 8, 12) if n <= top]), 8)

    found = forecast(choice, workers)

    assert (choice.law, found.standing) == ("roofline", standing)
    assert ("cores" in found.sentence) == (workers in (9, 12, 16) and standing != "inside")


def test_a_roofline_that_falls_beyond_the_cores_is_not_forecast_there():
    choice = choose(replicated(lambda n: 100 * n if n <= 4 else 320.0), 4)

    assert (choice.law, forecast(choice, 6).standing) == ("roofline", "refused")


def test_a_law_within_the_cores_says_nothing_beyond_them():
    choice = choose(usl_curve(0.1, 0.0, [1, 2, 3, 4, 5, 6]), 6)

    assert (choice.law, forecast(choice, 7, is_asked=True).standing) == ("amdahl", "refused")


def test_bands_widen_with_the_distance():
    choice = choose(usl_curve(0.03, 0.002))

    bands = [forecast(choice, n, is_asked=True).throughput for n in (8, 16, 32, 64)]

    widths = [band.high / band.low for band in bands]
    assert widths[1:] == sorted(widths[1:])
    assert widths[3] > widths[0]


def test_below_five_points_nothing_is_forecast_beyond_them():
    choice = choose(usl_curve(0.1, 0.0, [1, 2, 4, 8]))

    assert forecast(choice, 6).standing == "inside"
    assert forecast(choice, 9, is_asked=True).standing == "refused"


@pytest.mark.parametrize("workers", [0, -3, math.nan, math.inf])
def test_a_forecast_needs_a_number_of_workers(workers):
    with pytest.raises(InvalidInput):
        forecast(choose(usl_curve(0.1, 0.0)), workers)
