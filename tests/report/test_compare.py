"""Two results: like machines only, no false alarms, and no silence about true differences."""

from dataclasses import replace

import pytest

from dynometer.advice.prediction import Outcome, Prediction
from dynometer.compare.as_text import as_object, comparison_text, verdict_of
from dynometer.compare.changes import Evidence, compare
from dynometer.compare.foretold import foretold
from dynometer.compare.gates import judge_all
from dynometer.compare.likeness import NotComparable, differences, require_alike
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point
from dynometer.summary.gates import read_gates
from tests.report.made import ENVIRONMENT, GIL, made, trial

POOL_2 = Point("pool", "python", 2)
SLOWER = GIL | {POOL_2: GIL[POOL_2] * 0.8}


def evidence_of(comparison, point):
    return next(change.evidence for change in comparison.changes if change.point == point)


@pytest.mark.parametrize("noise", [0.01, 0.03, 0.1])
def test_equal_things_are_called_different_in_at_most_5_percent_of_comparisons(noise):
    verdicts = [compare(made(noise=noise, seed=2 * run), made(noise=noise, seed=2 * run + 1)).verdict
                for run in range(300)]

    assert verdicts.count("different") <= 0.05 * len(verdicts)


def test_a_points_own_interval_covers_no_difference_in_95_percent():
    covered = [change.ratio.low <= 1 <= change.ratio.high for run in range(150)
               for change in compare(made(noise=0.03, seed=2 * run), made(noise=0.03, seed=2 * run + 1)).changes]

    assert 0.93 <= sum(covered) / len(covered) <= 0.97


def test_a_true_loss_is_found_and_only_that():
    comparison = compare(made(noise=0.02), made(SLOWER, noise=0.02, seed=2))

    assert [change.point for change in comparison.different] == [POOL_2]
    assert evidence_of(comparison, POOL_2) is Evidence.SLOWER
    assert comparison.different[0].ratio.low < 0.8 < comparison.different[0].ratio.high


def test_a_gain_below_5_percent_is_small_however_certain():
    better = {point: rate * 1.02 for point, rate in GIL.items()}

    comparison = compare(made(noise=0.0005), made(better, noise=0.0005, seed=2))

    assert {change.evidence for change in comparison.changes} == {Evidence.SMALL}
    assert comparison.verdict == "no evidence"
    assert "moved by less than 5 %" in verdict_of(comparison)


def test_one_window_is_too_few():
    comparison = compare(made(noise=0.01), made(SLOWER, blocks=1))

    assert {change.evidence for change in comparison.changes} == {Evidence.TOO_FEW}
    assert "fewer than three windows" in verdict_of(comparison)


def test_a_point_of_one_result_alone_is_named():
    comparison = compare(made(), made({point: rate for point, rate in GIL.items() if point != POOL_2}))

    assert comparison.only_in_a == (POOL_2,)
    assert "Only in A: pool (python) with 2." in comparison_text(comparison)


def test_rejected_windows_are_left_out():
    bad = tuple(trial(POOL_2, block, 1.0, rejected=("Clock: no.",)) for block in range(20))
    b = made(noise=0.01, seed=2)

    comparison = compare(made(noise=0.01), replace(b, trials=(*b.trials, *bad)))

    assert evidence_of(comparison, POOL_2) is Evidence.NONE


def with_windows(result, **changes):
    """`result` whose windows of the pool with two workers are changed."""
    return replace(result, trials=tuple(replace(each, **changes) if each.point == POOL_2 else each
                                        for each in result.trials))


@pytest.mark.parametrize(("in_a", "in_b", "words"), [
    ({"chunk": 8}, {"chunk": 16}, "chunks of 8 items in A and of 16 in B"),
    ({"sample": 64}, {"sample": 128}, "64 items in A and 128 in B"),
])
def test_windows_that_were_not_measured_alike_are_flagged(in_a, in_b, words):
    comparison = compare(with_windows(made(noise=0.01), **in_a), with_windows(made(noise=0.01, seed=2), **in_b))

    [flagged] = [change for change in comparison.changes if change.unlike]
    assert (flagged.point, flagged.unlike) == (POOL_2, (words,))
    shown = " ".join(comparison_text(comparison).split())
    assert f"Not measured alike: pool (python) with 2, with {words}." in shown
    assert [point["unlike"] for point in as_object(comparison)["points"] if point["unlike"]] == [[words]]


def test_a_result_from_before_samples_were_kept_is_not_flagged():
    comparison = compare(made(noise=0.01), with_windows(made(noise=0.01, seed=2), sample=64))

    assert not [change for change in comparison.changes if change.unlike]


def test_nothing_in_common_is_said():
    comparison = compare(made({POOL_2: 1.0}), made({Point("pool", "python", 4): 1.0}))

    assert comparison.verdict == "nothing in common"
    assert comparison_text(comparison).startswith("Nothing in common")


@pytest.mark.parametrize(("changes", "named"), [
    ({"cpu_model": "Other CPU"}, "cpu_model: Test CPU against Other CPU"),
    ({"cpus_usable": 4.0}, "cpus_usable: 2.0 against 4.0"),
    ({"python": "3.14.0"}, "python: 3.11.7 against 3.14.0"),
    ({"is_gil_enabled": False}, "is_gil_enabled: True against False"),
    ({"versions": {"dynometer": "0.1.0", "numpy": "2.0"}}, "versions.numpy: not known against 2.0"),
])
def test_unlike_machines_are_refused_and_the_fact_is_named(changes, named):
    with pytest.raises(NotComparable) as refusal:
        require_alike(made(), made(environment=replace(ENVIRONMENT, **changes)))

    assert named in str(refusal.value)
    assert f"--across {next(iter(changes))}" in refusal.value.hint


@pytest.mark.parametrize("changes", [
    {"workload": "wait"}, {"parameters": {"numbers": 2}}, {"items": 7}, {"inputs": (1, 2)}, {"start_method": "spawn"},
])
def test_unlike_work_is_refused(changes):
    [difference] = differences(made(), made(**changes))

    assert difference.fact == next(iter(changes))


def test_what_passes_by_is_no_difference():
    busy = replace(ENVIRONMENT, load_before=7.0, pressure_before=0.9, hash_seed="9")

    assert differences(made(seed=1), made(environment=busy, seed=2, budget_s=9.0)) == ()


def test_what_is_studied_may_differ_and_is_told():
    other = made(environment=replace(ENVIRONMENT, python="3.12.0"))

    allowed = require_alike(made(), other, ["python"])

    said = comparison_text(compare(made(), other, allowed))
    assert "By your leave they differ in python: 3.11.7 against 3.12.0." in said


def test_no_such_fact_is_refused():
    with pytest.raises(InvalidInput, match="no such fact"):
        require_alike(made(), made(), ["colour"])


@pytest.mark.parametrize(("gate", "is_met"), [
    ("change(pool,2) < -10%", False), ("change(pool,2) < -40%", True), ("change(threads,2) < -10%", True),
    ("speedup(pool,2) < 1.6", False), ("speedup(pool,4) < 1.6", True),  # of B
])
def test_gates_on_a_comparison(gate, is_met):
    a, b = made(noise=0.01), made(SLOWER, noise=0.01, seed=2)

    [judged] = judge_all(read_gates([gate], ("change", "speedup")), compare(a, b), b)

    assert judged.is_met is is_met


def test_text_and_json_have_one_verdict():
    comparison = compare(made(noise=0.01), made(SLOWER, noise=0.01, seed=2))

    shown = as_object(comparison)

    assert comparison_text(comparison).replace("\n", " ").startswith(shown["sentence"])
    assert shown["verdict"] == "different"
    [point] = [each for each in shown["points"] if (each["model"], each["workers"]) == ("pool", 2)]
    assert point["evidence"] == "slower"
    assert point["ratio"]["value"] == pytest.approx(0.8, rel=0.05)


def test_a_prediction_of_the_first_result_is_judged_by_the_second():
    seen = Outcome(Prediction("worker-processes", "pool", "python", 8, Estimate(6.0, 4.8, 7.5)),
                   Estimate(5.9, 5.8, 6.0), is_hit=True)
    comparison = compare(made(), made())

    text = comparison_text(comparison, told=[seen])

    assert ("The advice on A (worker-processes) predicted 6.00x for pool (python) with 8; B measured 5.90x (5.80 to "
            "6.00): right, by a factor of 1.25.") in " ".join(text.split())
    assert as_object(comparison, told=[seen])["predictions"][0]["is_hit"] is True


def test_a_pool_that_was_not_measured_is_foretold():
    few = {point: rate for point, rate in GIL.items() if point.model in ("sequential", "threads")}

    [outcome] = foretold(made(few), made())

    assert (outcome.prediction.model, outcome.prediction.workers, outcome.is_hit) == ("pool", 2, True)
