"""Variants and models are proved equal before anything is timed; one that differs is void."""

import pytest

from dynometer.errors import NotFound
from dynometer.execution.faults import CallFailed
from dynometer.execution.proof import Outcome, Proof, agree, first_difference, prove
from tests.execution.conftest import own

LIAR = """
import os
HERE = os.getpid()

def honest_at_home(item):
    return item if os.getpid() == HERE or item < 3 else -item

def dies_abroad(item):
    return item if os.getpid() == HERE else os._exit(7)

def draws(item):
    draws.count += 1
    return draws.count
draws.count = 0
"""


@pytest.fixture
def liar(tmp_path):
    path = tmp_path / "liar.py"
    path.write_text(LIAR)
    return lambda function: f"{path}:{function}"


def test_what_agrees_is_equal_under_every_model():
    pairs = [("sequential", "python"), ("threads", "numpy"), ("vectorised", "numpy"), ("pool", "python")]

    proofs = prove("random-sum", {"numbers": 50}, pairs, range(4), 4, "fork")

    assert proofs == [Proof(model, variant, Outcome.EQUAL) for model, variant in pairs]


def test_a_coroutine_is_proved_against_the_call():
    [proof] = prove("wait", {}, [("event-loop", "coroutine")], [0.0, 0.001], 2, "fork")

    assert proof.outcome is Outcome.EQUAL


def test_a_model_that_answers_otherwise_is_void_and_names_the_first_item(liar):
    [same, void] = prove(liar("honest_at_home"), {}, [("threads", "python"), ("pool", "python")], range(6), 6, "fork")

    assert same.outcome is Outcome.EQUAL
    assert void == Proof("pool", "python", Outcome.VOID, "python under pool: item 3 gives -3 instead of 3.")


def test_a_function_that_answers_differently_each_time_is_void(liar):
    [proof] = prove(liar("draws"), {}, [("sequential", "python")], range(2), 2, "fork")

    assert proof.reason == "python under sequential: item 0 gives 3 instead of 1."


def test_what_cannot_be_had_is_a_fact():
    [proof] = prove("wait", {"seconds": 0}, [("vectorised", "python")], [0.0], 1, "fork")

    assert (proof.outcome, proof.reason) == (Outcome.UNAVAILABLE, "wait has no vectorised variant.")


def test_what_dies_is_a_fact(liar):
    [proof] = prove(liar("dies_abroad"), {}, [("process-executor", "python")], range(2), 2, "fork")

    assert proof.outcome is Outcome.FAILED
    assert "ended with exit code 7" in proof.reason


def test_a_reference_that_raises_ends_the_proof():
    with pytest.raises(CallFailed, match="Item 5 raised ValueError"):
        prove(own("raises_at_five").workload, {}, [], range(6), 6, "fork")


def test_an_unknown_model_is_no_fact():
    with pytest.raises(NotFound):
        prove("wait", {}, [("magic", "python")], [0.0], 1, "fork")


@pytest.mark.parametrize(("value", "known", "tolerance", "is_fine"), [
    (1, 1, 0, True), (1, 2, 0, False), (1.0, 1, 0, True), (True, 1.0, 0.1, False), ("a", "a", 0, True),
    (1.001, 1.0, 0.01, True), (1.001, 1.0, 0.0, False), ([1.0, {"a": 2.0}], [1.0, {"a": 2.001}], 0.01, True),
    ({"a": 1}, {"b": 1}, 0, False), ([1], [1, 2], 0, False), ((1, 2), [1, 2], 0, True), (None, None, 0, True),
    (float("nan"), float("nan"), 0, True), (float("nan"), 1.0, 0.5, False), ("1", 1.0, 0.5, False),
])
def test_values_agree_within_their_tolerance(value, known, tolerance, is_fine):
    assert agree(value, known, tolerance) is is_fine


def test_arrays_agree_as_the_lists_they_hold():
    numpy = pytest.importorskip("numpy")

    assert agree(numpy.array([1.0, 2.0]), numpy.array([1.0, 2.0]), 0.0)
    assert not agree(numpy.array([1.0, 2.0]), numpy.array([1.0, 3.0]), 0.0)


def test_a_missing_value_is_a_difference():
    assert first_difference([1, 2], [1]) == "there are 1 values instead of 2."


def test_a_long_value_is_cut_in_the_sentence():
    assert len(first_difference(["x" * 1000], ["y" * 1000])) < 200
