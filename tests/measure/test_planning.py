"""What users ask for, turned into a plan or a sentence."""

import math

import pytest

from dynometer.errors import InvalidInput, NotFound
from dynometer.measure import planning
from dynometer.measure.items_file import read_items
from dynometer.measure.planning import default_workers, make_plan
from dynometer.measure.trial import Point, Standing


@pytest.fixture(autouse=True)
def two_cpus(monkeypatch):
    monkeypatch.setattr(planning.machine, "cpus_usable", lambda: 2.0)


def test_the_tutorial_case_has_eleven_points():
    plan = make_plan("random-sum", models=["sequential", "threads", "processes-manager", "pool", "vectorised"],
                     workers=[1, 2, 4])

    assert plan.baseline == plan.points[0] == Point("sequential", "python", 1)
    assert set(plan.points[1:]) == {
        Point(model, "python", workers) for model in ("threads", "processes-manager", "pool") for workers in (1, 2, 4)
    } | {Point("vectorised", "numpy", 1)}
    assert (plan.items, plan.parameters["numbers"], plan.setbacks, plan.diagnostic) == (8, 1_000_000, (), ())


def test_the_defaults_are_the_tutorial_case():
    plan = make_plan("random-sum")

    assert len(plan.points) == 11
    assert plan.budget_s == 55.0


def test_the_diagnosis_adds_what_it_needs():
    plan = make_plan("random-sum", models=["sequential"])

    assert plan.diagnostic == (Point("threads", "python", 1), Point("threads", "python", 2),
                               Point("pool", "python", 1), Point("pool", "python", 2))
    assert make_plan("random-sum", models=["sequential"], diagnoses=False).points == (plan.baseline,)


def test_the_diagnosis_takes_the_process_model_that_is_there():
    plan = make_plan("random-sum", models=["process-executor"], workers=[2])

    assert {point.model for point in plan.points} == {"sequential", "threads", "process-executor"}


def test_given_variants_are_measured_under_every_model():
    plan = make_plan("random-sum", models=["threads"], workers=[1], variants=["python", "numpy"], diagnoses=False)

    assert plan.points == (
        Point("sequential", "python", 1), Point("threads", "python", 1), Point("threads", "numpy", 1))


def test_event_loops_get_the_coroutine():
    plan = make_plan("wait", models=["event-loop"], workers=[10], diagnoses=False)

    assert plan.points == (Point("sequential", "python", 1), Point("event-loop", "coroutine", 10))


def test_what_cannot_be_had_here_is_set_back_not_refused():
    plan = make_plan("wait", models=["vectorised", "pool"], workers=[1, 100], diagnoses=False)

    assert [(setback.point, setback.standing) for setback in plan.setbacks] == [
        (Point("vectorised", "python", 1), Standing.UNAVAILABLE), (Point("pool", "python", 100), Standing.UNAVAILABLE)]
    assert plan.setbacks[1].reason == "This machine measures at most 16 worker processes, not 100."
    assert plan.points == (Point("sequential", "python", 1), Point("pool", "python", 1))


@pytest.mark.parametrize(("asked", "error", "sentence", "hint"), [
    ({"workload": "random-sun"}, NotFound, "no workload 'random-sun'", "Did you mean random-sum?"),
    ({"models": ["treads"]}, NotFound, "no execution model 'treads'", "Did you mean threads?"),
    ({"models": []}, InvalidInput, "no execution model to measure", "There are sequential"),
    ({"variants": ["nunpy"]}, InvalidInput, "no variant 'nunpy'", "Did you mean numpy?"),
    ({"workers": [0]}, InvalidInput, "from 1 to 1,024, not 0", ""),
    ({"workers": [1, 10_000]}, InvalidInput, "from 1 to 1,024, not 10000", ""),
    ({"workers": []}, InvalidInput, "from 1 to 1,024", ""),
    ({"workers": [True]}, InvalidInput, "not True", ""),
    ({"budget_s": 0}, InvalidInput, "The budget must be a number above 0", ""),
    ({"budget_s": -1}, InvalidInput, "not -1", ""),
    ({"budget_s": math.nan}, InvalidInput, "not nan", ""),
    ({"items": 0}, InvalidInput, "number of items must be", ""),
    ({"inputs": [1]}, InvalidInput, "makes its items itself", "Leave the items out."),
    ({"workload": "wait", "inputs": []}, InvalidInput, "no item among", ""),
    ({"workload": "wait", "inputs": [1, "x"]}, InvalidInput, "Item 1 must be a number of seconds", ""),
    ({"workload": "math:sqrt", "inputs": [1, [math.inf]]}, InvalidInput, "Item 1 holds a number that JSON has not", ""),
    ({"parameters": {"numbers": 0}}, InvalidInput, "numbers must be at least 1", ""),
    ({"parameters": {"nummers": 1}}, InvalidInput, "nummers is not a parameter", ""),
    ({"start_method": "spoon"}, InvalidInput, "no start method 'spoon'", "There are"),
    ({"library_threads": 0}, InvalidInput, "number of library threads", ""),
    ({"seed": -2}, InvalidInput, "The seed must be", ""),
    ({"item_limit_s": 0}, InvalidInput, "The item limit must be", ""),
])
def test_what_does_not_fit_is_said_in_one_sentence(asked, error, sentence, hint):
    with pytest.raises(error, match=sentence) as refusal:
        make_plan(**({"workload": "random-sum"} | asked))

    assert hint in refusal.value.hint
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("cpus", "counts"), [
    (0.5, (1, 2, 4)), (1, (1, 2, 4)), (2, (1, 2, 4)), (4, (1, 2, 3, 4, 8)), (8, (1, 2, 3, 4, 6, 8, 16)),
    (10, (1, 2, 3, 4, 6, 8, 10, 20)),
])
def test_workers_spread_to_twice_the_cpus(cpus, counts):
    assert default_workers(cpus) == counts


def test_a_given_seed_is_kept_and_others_differ():
    assert make_plan("wait", seed=5).seed == 5
    assert make_plan("wait").seed != make_plan("wait").seed


def test_items_come_from_a_list_or_from_lines(tmp_path):
    (tmp_path / "list.json").write_text('[1, "a", null]')
    (tmp_path / "lines.json").write_text('1\n\n"a"\n{"b": 2}\n')

    assert read_items(tmp_path / "list.json") == (1, "a", None)
    assert read_items(tmp_path / "lines.json") == (1, "a", {"b": 2})


@pytest.mark.parametrize(("content", "sentence"), [
    (b"1\n[2\n", "is not JSON in line 2: "), (b"hello", "is not JSON in line 1: Expecting value"),
    (b"NaN", "line 1: NaN is no number"), (b"[" * 100_000, "in line 1"), (b"\xff", "not UTF-8"),
    (b"", "holds no item"), (b"[]", "holds no item"), (b"[1e400]", "beyond the largest float in item 0"),
    (b"[1,\n2,\n{\"a\": [0, -1e999]}]", r'in item 2 at \["a"\]\[1\]'), (b"1\n2e999\n", "in item 1"),
])
def test_an_items_file_that_is_no_json_is_refused_at_its_line(tmp_path, content, sentence):
    path = tmp_path / "items.json"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=sentence) as refusal:
        read_items(path)

    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_items_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"no\.json can't be read: No such file"):
        read_items(tmp_path / "no.json")


def test_a_short_budget_leaves_the_proof_time_to_see_an_item_hang():
    assert make_plan("random-sum", budget_s=12).item_limit_s == 3.0
    assert make_plan("random-sum", budget_s=55).item_limit_s == 11.0
