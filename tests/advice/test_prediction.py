"""A predicted gain is kept, and is a hit when it comes true within a factor of 1.25."""

import pytest

from dynometer.advice.advise import advise
from dynometer.advice.facts import Observables
from dynometer.advice.prediction import is_hit, outcomes, predictions
from tests.advice.rows import SEQUENTIAL, curve, diagnosed, facts, probe

SUM = probe("pysum", call_s=0.1, call_cpu_s=0.1, pickle_s=5e-6)


def promised():
    return predictions(advise(*diagnosed(SEQUENTIAL, seen=SUM, available_models=frozenset({"pool"}))))


@pytest.mark.parametrize(("measured", "hit"), [(2.0, True), (1.61, True), (1.59, False), (2.49, True), (2.51, False)])
def test_a_hit_lies_within_a_quarter(measured, hit):
    assert is_hit(2.0, measured) is hit


@pytest.mark.parametrize("pair", [(0.0, 1.0), (1.0, -1.0)])
def test_a_gain_of_nothing_is_refused(pair):
    with pytest.raises(ValueError, match="above 0"):
        is_hit(*pair)


def test_advice_on_an_unmeasured_model_leaves_a_prediction():
    made = promised()

    assert [(one.rule, one.model, one.workers) for one in made] == [("worker-processes", "pool", 2)]
    assert made[0].gain.value == pytest.approx(2.0, rel=0.01)


def test_what_was_measured_already_is_no_prediction():
    findings = advise(*diagnosed(SEQUENTIAL, curve("pool", {2: 1.9}), seen=SUM))

    assert predictions(findings) == ()


def test_processes_of_threads_are_not_held_against_plain_processes():
    mixed = Observables(activity=0.5, thread_speedup=2.05, switches_1=1.1, call_s=0.01, call_cpu_s=0.005)

    findings = advise(*diagnosed(seen=mixed, cpus=4.0))

    assert findings[0].threads == 2
    assert predictions(findings) == ()


@pytest.mark.parametrize(("reached", "hit"), [(1.9, True), (1.2, False)])
def test_a_later_sweep_tells_hit_from_miss(reached, hit):
    later = facts(SEQUENTIAL, curve("pool", {1: 1.0, 2: reached}))

    (outcome,) = outcomes(promised(), later)

    assert (outcome.is_hit, outcome.measured.value) == (hit, reached)


def test_a_sweep_without_that_point_tells_nothing():
    assert outcomes(promised(), facts(SEQUENTIAL, curve("pool", {4: 1.9}))) == ()
