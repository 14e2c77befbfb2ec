"""Result files: equal after the trip, whole or not at all, and refused in one sentence."""

import json
import math
import sys
from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynometer.errors import InvalidInput
from dynometer.execution import MODELS
from dynometer.execution.offers import Offer
from dynometer.measure.machine import Environment
from dynometer.measure.recorder import Recorder
from dynometer.measure.result import FORMAT, SweepResult, dumps, load, loads, save
from dynometer.measure.schema import schema
from dynometer.measure.sweep import sweep
from dynometer.measure.trial import Point, Probe, Setback, Signals, Standing
from tests.measure.known import KnownBench, plan_of, threads, trial_of

FACTS = Environment(
    cpu_model="AMD EPYC", cpus_online=2, cpus_affinity=2, cpu_quota=None, cpus_usable=2.0, memory_bytes=2**34,
    virtualisation="kvm", clock_policy=None, system="Linux 6.18 x86_64", python="3.11.7", implementation="CPython",
    build="GCC", is_gil_enabled=True, switch_interval_s=0.005, start_method_default="fork", blas=None,
    library_threads=1, hash_seed="random", versions={"numpy": "2.4.6"}, load_before=0.1, pressure_before=None)
RESULT = SweepResult(
    plan=plan_of(threads(2), inputs=(1, "a", None, {"b": [1.5]}), items=4), environment=FACTS,
    started_at="2026-11-20T10:00:00.000Z", elapsed_s=12.25, state="stopped",
    trials=(trial_of(), trial_of(threads(2), signals=Signals(), rejected=("Steal: 9 %.",), worker_cpu_s=None)),
    setbacks=(Setback(Point("interpreters", "python", 2), Standing.UNAVAILABLE, "Not on this Python."),),
    probes=(Probe("python", None, None, 0.005, None, 5e-8),), ending="The budget ended it.",
    models=(Offer("pool", is_available=True), Offer("cluster", is_available=False, reason="There is no fleet.")))


def test_a_result_comes_back_equal():
    assert loads(dumps(RESULT)) == RESULT


@given(st.floats(min_value=1e-300, max_value=1e300), st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back_to_the_last_bit(wall_s, change):
    result = replace(RESULT, trials=(trial_of(wall_s=wall_s, signals=Signals(clock_change=change)),))

    [trial] = loads(dumps(result)).trials

    assert (trial.wall_s, trial.signals.clock_change) == (wall_s, change)
    assert math.copysign(1, trial.signals.clock_change) == math.copysign(1, change)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_is_not_written(number):
    with pytest.raises(InvalidInput, match="can't be written as JSON"):
        dumps(replace(RESULT, elapsed_s=number))


def test_the_file_fits_its_schema():
    validator = jsonschema_rs.Draft202012Validator(schema())

    assert [str(error) for error in validator.iter_errors(json.loads(dumps(RESULT)))] == []
    assert not validator.is_valid(json.loads(dumps(RESULT)) | {"format": 2})
    assert not validator.is_valid({"format": 1})


def changed(**changes):
    return json.dumps(json.loads(dumps(RESULT)) | changes)


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "x.json is not JSON"),
    ("[" * 100_000, "x.json is not JSON"),
    ('{"format": 1, "elapsed_s": NaN}', "NaN is not a number of JSON"),
    ("[]", "x.json is no result of a sweep"),
    ("{}", "x.json is no result of a sweep"),
    (changed(format=FORMAT + 1), f"x.json has format '{FORMAT + 1}'; this version reads format {FORMAT}"),
    (changed(format="x" * 500), "has format 'xxxxxxxxxxxxxxxxxxxx';"),
    (changed(elapsed_s="12"), "elapsed_s must be a number"),
    (changed(elapsed_s=True), "elapsed_s must be a number"),
    (changed(trials={}), "trials must be a list"),
    (changed(trials=[{}]), r"trials\[0\].point is missing"),
    (changed(setbacks=[{"point": None, "standing": "x", "reason": ""}]), r"setbacks\[0\].point must be an object"),
    (changed(more=1), "more is not a field of SweepResult"),
    (dumps(RESULT)[:-400], "x.json is not JSON"),
])
def test_what_is_no_result_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        loads(text, "x.json")

    assert "\n" not in str(refusal.value)


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "r.json"
    save(RESULT, path)
    save(replace(RESULT, state="finished"), path)

    assert load(path).state == "finished"
    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]


def test_an_interruption_while_writing_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    save(RESULT, path)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("dynometer.measure.result.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(replace(RESULT, state="finished"), path)

    assert load(path) == RESULT
    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "r.json"
    link.symlink_to(tmp_path / "there" / "real.json")
    (tmp_path / "there" / "real.json").write_text("old")

    save(RESULT, link)

    assert link.is_symlink()
    assert load(tmp_path / "there" / "real.json") == RESULT


def test_places_that_cannot_be_written_or_read_are_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"can't be written to .*: No such file"):
        save(RESULT, tmp_path / "no" / "r.json")
    with pytest.raises(InvalidInput, match=r"no\.json can't be read: No such file"):
        load(tmp_path / "no.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load(tmp_path / "bytes.json")


def test_the_recorder_has_everything_at_any_moment():
    plan = plan_of(threads(2))
    recorder = Recorder(plan, FACTS)
    events = recorder.follow(sweep(plan, KnownBench()))

    seen = [next(events) for _ in range(3)]
    stopped = recorder.result()
    rest = list(events)

    assert stopped.state == "stopped"
    assert list(stopped.trials) == seen
    assert recorder.result().state == "finished"
    assert list(recorder.result().trials) == seen + rest


def test_the_recorder_tells_a_spent_budget_from_an_end():
    plan = plan_of(threads(2), budget_s=3.0)
    recorder = Recorder(plan, FACTS)

    list(recorder.follow(sweep(plan, KnownBench())))

    assert recorder.result().state == "budget"
    assert recorder.result().ending.startswith("The budget of 3 s ended it after ")


def test_the_result_tells_which_models_this_python_can_have():
    offers = {offer.model: offer for offer in Recorder(plan_of(), FACTS).result().models}

    assert offers.keys() == MODELS.keys()
    assert offers["pool"].is_available
    assert offers["interpreters"].is_available == (sys.version_info >= (3, 14))
    assert all(offer.is_available or offer.reason.endswith(".") for offer in offers.values())
    assert offers["event-loop"].reason  # no variant of this workload is a coroutine
