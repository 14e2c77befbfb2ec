"""Starting a sweep: a form from declared types, an estimate before, errors beside the fields, nothing typed lost."""

import re
from typing import Any

import pytest
from flask import Flask

from store.nodes import NodeFacts, join
from store.sweep_models import Sweep, SweepState
from store.sweeps import sweep_of
from tasks.sweep_result import plan_of
from tests.app import made_sweeps
from tests.app.conftest import Browser, signed_in
from tests.report.made import made

HOSTILE = "<script>alert(1)</script>"


def started(answer: Any) -> int:
    assert answer.status_code == 303, answer.text[-3000:]
    return int(answer.location.rsplit("/", 1)[-1])


def sweep(app: Flask, sweep_id: int) -> Sweep:
    with app.extensions["database"].reading() as session:
        found = sweep_of(session, sweep_id)
        assert found is not None
        return found


def wrong(page: str) -> dict[str, str]:
    return {name: words.replace("&#39;", "'") for name, words in re.findall(r'id="([^"]+)-wrong">([^<]+)<', page)}


def test_the_tutorial_case_is_one_press_and_a_second_press_leads_to_the_same_sweep(fresh_app: Flask):
    runner = signed_in(fresh_app, "runner")
    page = runner.get("/").text
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if "tutorial" in each.lower())
    action = re.search(r'action="([^"]+)"', form)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert action

    first, second = (started(runner.post(action[1], fields)) for _ in range(2))

    made_of = sweep(fresh_app, first)
    assert first == second
    assert (made_of.name, made_of.state, plan_of(made_of).items) == ("Tutorial case", SweepState.QUEUED, 8)
    assert plan_of(made_of).parameters["numbers"] == 1_000_000


def test_what_the_form_says_is_what_is_planned(app: Flask, runner: Browser):
    runner.get("/sweeps/new?workload=random-sum")
    sweep_id = started(runner.post("/sweeps/new?workload=random-sum", {
        "name": "Mine", "items": "6", "parameters.numbers": "5_000", "models": ["", "threads", "pool"],
        "variants": ["python", "numpy"], "workers": "1, 2 4", "budget_s": "30", "precision": "5", "seed": "7",
        "item_limit_s": "3", "library_threads": "2",
    }))  # fmt: skip
    plan = plan_of(sweep(app, sweep_id))

    assert {(point.model, point.variant) for point in plan.points} >= {("threads", "numpy"), ("pool", "python")}
    assert {point.workers for point in plan.points if point.model == "pool"} == {1, 2, 4}
    assert (plan.items, plan.parameters["numbers"], plan.budget_s, plan.precision) == (6, 5000, 30.0, 0.05)
    assert (plan.seed, plan.item_limit_s, plan.library_threads) == (7, 3.0, 2)


def test_everything_wrong_is_told_at_once_beside_its_field_and_nothing_is_lost(runner: Browser):
    typed = {
        "name": HOSTILE, "items": "many", "budget_s": "nan", "workers": "1;2", "precision": "0", "seed": "-1",
        "item_limit_s": "x", "library_threads": "0", "models": ["", "pool"], "parameters.numbers": "0",
        "variants": ["nothing", "numpy"],
    }  # fmt: skip
    page = runner.post("/sweeps/new?workload=random-sum", typed)

    assert page.status_code == 422
    assert set(wrong(page.text)) == {
        "items", "budget_s", "workers", "precision", "seed", "item_limit_s", "library_threads", "parameters.numbers",
        "variants",
    }  # fmt: skip
    for text in ("many", "nan", "1;2", "&lt;script&gt;alert(1)&lt;/script&gt;"):
        assert f'value="{text}"' in page.text, text
    assert HOSTILE not in page.text
    assert re.search(r'id="model-pool"[^>]* checked', page.text)
    assert not re.search(r'id="model-threads"[^>]* checked', page.text)
    assert 'tabindex="-1" autofocus id="summary"' in page.text


@pytest.mark.parametrize(("fields", "field"), [
    ({"parameters.numbers": "0"}, "parameters.numbers"), ({"parameters.nothing": "1"}, None),
    ({"models": ["", "nothing"]}, "models"), ({"models": [""]}, "models"), ({"variants": ["nothing"]}, "variants"),
    ({"workers": "0"}, "workers"), ({"workers": "99999"}, "workers"), ({"workers": "1" * 500}, "workers"),
    ({"budget_s": "1e9"}, "budget_s"), ({"budget_s": "inf"}, "budget_s"), ({"items": "0"}, "items"),
    ({"items": "1" * 39}, "items"), ({"name": "x" * 200}, "name"), ({"name": "\u202e"}, "name"),
    ({"seed": "\N{ARABIC-INDIC DIGIT ONE}"}, "seed"), ({"name": "\0"}, "name"),
    ({"item_limit_s": "1e400"}, "item_limit_s"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_sentence(runner: Browser, fields: dict[str, Any], field: str | None):
    page = runner.post("/sweeps/new?workload=random-sum", fields)

    assert page.status_code == 422
    assert "What you typed is kept" in page.text or "what you typed is kept" in page.text
    assert field is None or field in wrong(page.text)


@pytest.mark.parametrize("workload", ["nothing", "file.py:function", "os:getcwd", "/etc/passwd", ""])
def test_only_installed_workloads_are_measured(runner: Browser, workload: str):
    assert runner.post("/sweeps/new", query_string={"workload": workload}).status_code == 404
    assert runner.get("/sweeps/new", query_string={"workload": workload}).status_code == 404


def test_checking_starts_nothing_and_says_how_long_it_takes(app: Flask, runner: Browser):
    page = runner.post("/sweeps/new?workload=random-sum", {"check": "1", "workers": "1, 2, 64", "budget_s": "20"})

    assert page.status_code == 200
    assert "Nothing was started yet" in page.text
    assert "beyond the" in page.text
    assert runner.get("/sweeps").text.count('class="row"') == 0


def test_the_estimate_follows_the_form_and_is_a_range_that_the_budget_ends(fresh_app: Flask):
    runner = signed_in(fresh_app, "runner")
    with fresh_app.extensions["database"].writing() as session:
        join(session, NodeFacts("worker.1", "worker", "here", 1, 4, 4.0, 10**9, {}))

    def told(**given: str) -> str:
        answer = runner.get("/sweeps/estimate", query_string={"workload": "random-sum", **given})
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    assert "5 points, 21 windows at least" in told(workers="1,2", models="pool", budget_s="300")
    assert "ends it first" in told(budget_s="6")
    assert "8 is beyond the 4 usable CPUs: kept, and marked as oversubscribed." in told(workers="1,2,8")
    assert told(workers="x") == "The plan shows once every field fits."


def test_models_that_cannot_be_had_say_why_and_the_fleet_is_offered_with_a_node(fresh_app: Flask):
    runner = signed_in(fresh_app, "runner")
    without = runner.get("/sweeps/new?workload=random-sum").text
    with fresh_app.extensions["database"].writing() as session:
        join(session, NodeFacts("worker.1", "worker", "here", 1, 2, 2.0, 10**9, {}))
    with_one = runner.get("/sweeps/new?workload=random-sum").text

    assert re.search(r'id="model-event-loop"[^>]* disabled', without)
    assert "has no coroutine variant" in without
    assert "No worker node is alive, so there is no fleet to measure." in without
    assert not re.search(r'id="model-cluster"[^>]* disabled', with_one)
    assert "Wins when calls compute in pure Python" in with_one
    assert "simulated" not in with_one


def test_another_sweep_fills_the_form_and_a_foreign_one_does_not(app: Flask, runner: Browser):
    first = made_sweeps.finished(app, runner.email, made(noise=0.01), "As before")
    stranger = signed_in(app, "runner")
    page = runner.get(f"/sweeps/new?like={first}").text

    assert 'value="As before"' in page
    assert 'name="parameters.numbers" value="1000"' in page
    assert re.search(r'id="workers" name="workers" value="1, 2, 4"', page)
    assert re.search(r'id="model-pool"[^>]* checked', page)
    for like in (str(first), "x", "9" * 30, "-1", ""):
        assert stranger.get("/sweeps/new", query_string={"like": like}).status_code == 404, like


def test_a_copy_of_what_is_shared_is_opened_by_who_is_signed_in(app: Flask, runner: Browser):
    slug = made_sweeps.shared(app, runner.email, made_sweeps.finished(app, runner.email, name="Shared one"))
    stranger = signed_in(app, "runner")

    assert 'value="Shared one"' in stranger.get(f"/sweeps/new?shared={slug}").text
    assert stranger.get("/sweeps/new?shared=nothing").status_code == 404


def test_own_items_are_measured_in_place_of_generated_ones(app: Flask, runner: Browser):
    sweep_id = started(runner.post("/sweeps/new?workload=factorise", {"lines": "12\n\n35\n", "models": ["", "pool"]}))
    refused = runner.post("/sweeps/new?workload=factorise", {"lines": "12\nx"})

    assert plan_of(sweep(app, sweep_id)).items == 2
    assert "lines" in wrong(refused.text)


def test_a_viewer_starts_none_and_too_many_at_once_are_refused(make_app, make_database):
    app = make_app(make_database("sqlite"), open_sweeps_max=1)
    runner = signed_in(app, "runner")
    started(runner.post("/sweeps/new?workload=random-sum", {}))
    refused = runner.post("/sweeps/new?workload=random-sum", {"name": "kept"})

    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert 'value="kept"' in refused.text
    assert signed_in(app, "viewer").post("/sweeps/new?workload=random-sum", {}).status_code == 403
