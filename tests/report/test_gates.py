"""Gates: what they spell, and what they decide."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynometer.commands.gating import end_by_gates
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Setback, Standing
from dynometer.report.report import make_report
from dynometer.summary.gates import CHANGE, OF_ONE_RESULT, judge, point_of, read_gates
from tests.report.made import BASELINE, GIL, made


def gate(text):
    return read_gates([text], (*OF_ONE_RESULT, CHANGE))[0]


@pytest.mark.parametrize(("text", "model", "variant", "workers", "operator", "limit"), [
    ("speedup(pool,2) < 1.6", "pool", None, 2, "<", 1.6),
    (" throughput ( threads , numpy , 16 )>=1e3", "threads", "numpy", 16, ">=", 1000.0),
    ("efficiency(event-loop,64) <= .5", "event-loop", None, 64, "<=", 0.5),
    ("change(pool,2)<-5%", "pool", None, 2, "<", -0.05),
    ("speedup(simulated:sigma=0.05,4) > 2", "simulated:sigma=0.05", None, 4, ">", 2.0),
])
def test_a_gate_is_read(text, model, variant, workers, operator, limit):
    read = gate(text)

    assert (read.model, read.variant, read.workers, read.operator) == (model, variant, workers, operator)
    assert read.limit == pytest.approx(limit)


@pytest.mark.parametrize("text", [
    "", "speedup", "speedup(pool,2)", "speedup(pool) < 1", "speedup(pool,2) = 1", "speedup(pool,2) < 1 or 1 < 2",
    "latency(pool,2) < 1", "speedup(pool,2) < nan", "speedup(pool,-2) < 1", "__import__('os')(pool,2) < 1",
])
def test_what_is_no_gate_is_refused_with_an_example(text):
    with pytest.raises(InvalidInput) as refusal:
        read_gates([text])

    assert refusal.value.hint


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(InvalidInput):
        read_gates([text])


@pytest.mark.parametrize(("text", "is_met"), [
    ("speedup(pool,2) < 1.6", True), ("speedup(pool,2) < 2.5", False), ("throughput(pool,2) < 20", False),
    ("efficiency(pool,2) > 0.9", False), ("efficiency(pool,4) > 0.9", True), ("speedup(vectorised,1) < 10", True),
])
def test_a_gate_fails_when_its_condition_holds(text, is_met):
    [judged] = make_report(made(noise=0.01), read_gates([text])).gates

    assert judged.is_met is is_met


@pytest.mark.parametrize(("operator", "interval", "decision"), [
    ("<", (1.90, 1.93, 1.96), "undecided"), ("<", (1.96, 1.98, 2.0), "pass"), ("<", (1.8, 1.9, 1.94), "fail"),
    (">", (1.90, 1.93, 1.96), "undecided"), (">", (1.96, 1.98, 2.0), "fail"), (">", (1.8, 1.9, 1.94), "pass"),
    ("<", (0.0, 1.98, math.inf), "undecided"),  # one window
])
def test_the_whole_interval_decides(operator, interval, decision):
    low, value, high = interval

    judged = judge(gate(f"speedup(pool,2) {operator} 1.95"), Estimate(value, low, high))

    assert judged.decision == decision
    assert judged.is_met is {"pass": True, "fail": False, "undecided": None}[decision]
    assert ("measure more windows" in judged.sentence) == (decision == "undecided")


@pytest.mark.parametrize(("is_strict", "ends"), [(False, False), (True, True)])
def test_what_is_undecided_fails_only_when_strict(is_strict, ends, capsys):
    judged = judge(gate("speedup(pool,2) < 1.95"), Estimate(1.93, 1.90, 1.96))

    with pytest.raises(SystemExit, match="4") if ends else contextlib.nullcontext():
        end_by_gates([judged], is_strict=is_strict)

    assert capsys.readouterr().err.startswith("Gate undecided: fail if speedup(pool,2) < 1.95; measured 1.93")


def test_a_point_that_was_not_measured_does_not_pass():
    lost = Point("daemons", "python", 2)
    result = made(setbacks=(Setback(lost, Standing.FAILED, "It died."),), points=(*GIL, lost))

    [judged] = make_report(result, read_gates(["speedup(daemons,2) < 1"])).gates

    assert not judged.is_met
    assert "nothing valid was measured" in judged.sentence


def test_an_unknown_point_is_refused_and_the_known_ones_are_named():
    with pytest.raises(InvalidInput) as refusal:
        make_report(made(), read_gates(["speedup(pool,3) < 1"]))

    assert "not in the sweep" in str(refusal.value)
    assert "pool,python,2" in refusal.value.hint


def test_the_baselines_variant_is_meant_where_none_is_named():
    points = [Point("pool", variant, 2) for variant in ("numpy", "python")]

    assert point_of(gate("speedup(pool,2) < 1"), points, BASELINE).variant == "python"


def test_two_other_variants_must_be_told_apart():
    points = [Point("pool", variant, 2) for variant in ("numpy", "numba")]

    with pytest.raises(InvalidInput, match="several variants: numpy, numba"):
        point_of(gate("speedup(pool,2) < 1"), points, BASELINE)
