"""Two sweeps, or two models of one, side by side: differences with intervals, refusals with reasons."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from dynometer.compare.as_text import verdict_of
from dynometer.compare.changes import compare
from dynometer.measure.trial import Point
from tests.app import made_sweeps
from tests.app.conftest import Browser, signed_in
from tests.report.made import ENVIRONMENT, GIL, made

FASTER = {point: rate * (1.3 if point.model == "pool" else 1.0) for point, rate in GIL.items()}
HOSTILE = "<b>| x |</b>"


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[-1])).split())


def test_what_became_faster_is_told_with_its_interval(app: Flask, runner: Browser):
    before, after = made(noise=0.005), made(FASTER, noise=0.005, seed=2)
    a, b = (made_sweeps.finished(app, runner.email, result, HOSTILE) for result in (before, after))
    page = runner.get(f"/compare?a={a}&b={b}").text

    assert verdict_of(compare(before, after)) in words(page)
    assert len(re.findall(r'<span class="badge good">faster</span>', page)) == 3
    assert "+30." in words(page) or "+29." in words(page)
    assert HOSTILE not in page
    assert r"\<b\>\| x \|\</b\>" in unescape(page)


def test_two_that_a_list_picked_are_compared(app: Flask, runner: Browser):
    a, b = (made_sweeps.finished(app, runner.email, made(noise=0.01, seed=seed)) for seed in (1, 2))
    page = words(runner.get(f"/compare?pick={a}&pick={b}").text)

    assert "No evidence of a difference in 8 common points." in page
    for ending in ("json", "svg", "png"):
        assert runner.get(f"/compare/chart.{ending}?pick={a}&pick={b}").status_code == 200


def test_unlike_machines_are_refused_by_the_facts_and_compared_by_leave(app: Flask, runner: Browser):
    elsewhere = made(noise=0.01, environment=replace(ENVIRONMENT, cpu_model=HOSTILE, python="3.13.1"))
    a = made_sweeps.finished(app, runner.email, made(noise=0.01))
    b = made_sweeps.finished(app, runner.email, elsewhere)
    refused = runner.get(f"/compare?a={a}&b={b}")
    partly = words(runner.get(f"/compare?a={a}&b={b}&across=python").text)
    allowed = words(runner.get(f"/compare?a={a}&b={b}&across=python&across=cpu_model").text)

    assert "These can't be compared" in words(refused.text)
    assert 'value="cpu_model"' in refused.text
    assert HOSTILE not in refused.text
    assert "These can't be compared" in partly
    assert "By your leave they differ in python: 3.11.7 against 3.13.1." in allowed
    assert runner.get(f"/compare/chart.json?a={a}&b={b}").status_code == 404


def test_two_models_of_one_sweep_stand_side_by_side(app: Flask, runner: Browser):
    sweep_id = made_sweeps.finished(app, runner.email, made(noise=0.005))
    page = words(runner.get(f"/compare?a={sweep_id}&b={sweep_id}&model_a=threads&model_b=pool").text)
    nothing = words(runner.get(f"/compare?a={sweep_id}&b={sweep_id}&model_a=threads&model_b=nothing").text)
    itself = words(runner.get(f"/compare?a={sweep_id}&b={sweep_id}&model_a=pool&model_b=pool").text)

    assert "pool (python) does 1.9" in page
    assert "of what threads (python) does" in page
    assert "2 workers" in page
    assert "Choose two models" in nothing
    assert "can't be compared with itself" in itself


@pytest.mark.parametrize("query", [
    "", "a=x&b=y", "a=&b=", "across=nothing", "a=99999999999999999999", "model_a=%00", "pick=1e5&pick=-1",
])  # fmt: skip
def test_nonsense_is_nothing_chosen(runner: Browser, query: str):
    assert runner.get(f"/compare?{query}").status_code == 200


def test_what_is_not_ones_own_is_not_there(app: Flask, runner: Browser):
    mine, foreign = made_sweeps.finished(app, runner.email), made_sweeps.finished(app, signed_in(app, "runner").email)

    assert runner.get(f"/compare?a={mine}&b={foreign}").status_code == 404
    assert f'value="{foreign}"' not in runner.get(f"/compare?a={mine}").text


def test_a_queued_one_has_nothing_to_compare(app: Flask, runner: Browser):
    a, b = made_sweeps.finished(app, runner.email), made_sweeps.queued(app, runner.email)

    assert "has measured nothing yet" in words(runner.get(f"/compare?a={a}&b={b}").text)


def test_no_fact_of_that_name_is_said(app: Flask, runner: Browser):
    a, b = (made_sweeps.finished(app, runner.email) for _ in range(2))

    assert "there is no such fact" in words(runner.get(f"/compare?a={a}&b={b}&across=nothing").text)


def test_a_point_in_one_alone_is_named(app: Flask, runner: Browser):
    more = GIL | {Point("daemons", "python", 2): 15.0}
    a, b = (made_sweeps.finished(app, runner.email, made(each, noise=0.01)) for each in (GIL, more))

    assert "Only in B: daemons (python) with 2." in words(runner.get(f"/compare?a={a}&b={b}").text)
