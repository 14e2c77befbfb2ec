"""The list of sweeps: searched, filtered, sorted and paged by the server; and results that are brought in."""

import io
import json
import re
from typing import Any

import pytest
from flask import Flask

from dynometer.measure.result import dumps
from dynometer.report.as_json import report_json
from dynometer.report.report import make_report
from store.sweep_models import Sweep, SweepState
from tests.app import made_sweeps
from tests.app.conftest import Browser, signed_in
from tests.app.statements import statements
from tests.report.made import made

T0 = 1_700_000_000.0
RESULT = made(noise=0.01)
HOSTILE = "<img src=x onerror=alert(1)>"


def sweeps_of(browser: Browser, *given: dict[str, Any]) -> list[int]:
    """New sweeps of that person, in this order, without measuring."""
    app = browser.client.application
    owner_id = made_sweeps.owner_id(app, browser.email)
    usual = {
        "owner_id": owner_id, "workload": "wait", "name": "Wait", "plan": "{}", "cluster_workers": [], "remarks": [],
        "models": ["sequential", "pool"], "state": SweepState.FINISHED, "windows": 9, "created_at": T0,
        "started_at": T0, "ended_at": T0 + 1, "best_model": "pool", "best_workers": 2, "best_speedup": 1.9,
        "best_low": 1.8, "best_high": 2.0, "verdict": "It scales.",
    }  # fmt: skip
    with app.extensions["database"].writing() as session:
        rows = [Sweep(**usual | each) for each in given]
        for row in rows:
            session.add(row)
            session.flush()
        return [row.id for row in rows]


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="row" href="/sweeps/(\d+)"', page)]


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, f"there is no {rel} page"
    return found[1].replace("&amp;", "&")


@pytest.fixture
def owner(each_app: Flask) -> Browser:
    """Somebody with no sweep yet, on each database."""
    return signed_in(each_app, "runner")


def test_a_search_finds_names_workloads_titles_and_numbers(owner: Browser):
    named, other = sweeps_of(owner, {"name": "Nightly 50 %"}, {"workload": "random-sum", "name": "Mine"})

    for words, expected in {
        "NIGHTLY": [named], "50 %": [named], "random-sum": [other], "Random sum": [other], f"#{other}": [other],
        str(named): [named], "no such thing": [], "_": [], "wait": [named],
    }.items():  # fmt: skip
        assert shown(owner.get("/sweeps", query_string={"q": words}).text) == expected, words


def test_filters_by_model_and_state_stand_in_the_url_and_in_the_form(owner: Browser):
    threads, failed, pool = sweeps_of(
        owner, {"models": ["threads"]}, {"state": SweepState.FAILED, "best_speedup": None, "windows": 0}, {}
    )

    assert shown(owner.get("/sweeps?model=threads").text) == [threads]
    assert shown(owner.get("/sweeps?model=pool").text) == [pool, failed]
    assert shown(owner.get("/sweeps?state=failed").text) == [failed]
    assert shown(owner.get("/sweeps?state=open").text) == []
    assert "<option selected>threads</option>" in owner.get("/sweeps?model=threads").text
    assert shown(owner.get("/sweeps?model=po&state=no&sort=x&after=%00&q=%00").text) == [pool, failed, threads]


def test_the_best_come_first_and_pages_go_on_and_back(owner: Browser):
    ids = sweeps_of(owner, *({"best_speedup": float(place % 7)} for place in range(30)), {"best_speedup": None})

    first = owner.get("/sweeps?sort=speedup").text
    second = owner.get(link(first, "next")).text
    back = owner.get(link(second, "prev")).text

    expected = sorted(ids[:30], key=lambda each: (ids.index(each) % 7, each), reverse=True) + ids[30:]
    assert shown(first) + shown(second) == expected
    assert shown(back) == shown(first)


def test_a_line_says_how_much_is_gained_and_how_sure_that_is(owner: Browser):
    sweeps_of(owner, {})
    page = owner.get("/sweeps").text

    assert "<strong>1.90x</strong>" in page
    assert "1.80 to 2.00" in page
    assert "pool, 2 workers" in page


def test_everybody_sees_their_own_and_operators_all(each_app: Flask, owner: Browser):
    [mine] = sweeps_of(owner, {"name": f"of {owner.email}"})
    operator, stranger = signed_in(each_app, "operator"), signed_in(each_app, "runner")

    assert mine not in shown(stranger.get("/sweeps").text)
    assert mine in shown(operator.get("/sweeps", query_string={"q": f"of {owner.email}"}).text)
    assert shown(operator.get("/sweeps?mine=1").text) == []
    assert shown(stranger.get("/sweeps", query_string={"q": owner.email}).text) == []


def test_a_list_costs_no_more_statements_when_it_is_longer(app: Flask):
    short, long = signed_in(app, "runner"), signed_in(app, "runner")
    sweeps_of(short, {})
    sweeps_of(long, *({} for _ in range(20)))
    short.get("/sweeps")

    with statements(app) as of_short:
        short.get("/sweeps")
    with statements(app) as of_long:
        long.get("/sweeps")

    assert len(of_long) == len(of_short)


def test_a_running_one_says_how_many_points_have_a_window(app: Flask, runner: Browser):
    made_sweeps.running(app, runner.email)

    assert "8 of 8 points" in runner.get("/sweeps").text


@pytest.mark.parametrize("text", [dumps(RESULT), report_json(make_report(RESULT))], ids=["--out", "--json"])
def test_what_the_command_line_wrote_is_brought_in(runner: Browser, text: str):
    answer = runner.post("/sweeps/import", {"file": (io.BytesIO(text.encode()), "nightly.json")})
    page = runner.get(answer.location).text

    assert answer.status_code == 303
    assert make_report(RESULT).verdict in page.replace("&#39;", "'")
    assert "<h1>nightly " in page
    assert "imported" in runner.get("/sweeps").text


@pytest.mark.parametrize(("body", "words"), [
    (b"", "is not JSON"), (b"\xff\xfe", "not UTF-8"), (b"{}", "no result of a sweep"), (b"[" * 100_000, "not JSON"),
    (b'{"format": 99}', "has format"), (b'{"format": 1, "trials": [NaN]}', "not JSON"), (b"\x00", "NUL"),
    (json.dumps(json.loads(dumps(RESULT)) | {"trials": [], "setbacks": []}).encode(), "no window"),
    (dumps(RESULT).replace('"items": 100,', '"items": 0,').encode(), "without time or items"),
])  # fmt: skip
def test_what_is_no_result_is_refused_beside_the_field(runner: Browser, body: bytes, words: str):
    answer = runner.post("/sweeps/import", {"file": (io.BytesIO(body), "x.json"), "name": "a name"})

    assert answer.status_code == 422
    assert words in re.search(r'id="file-wrong">([^<]*)<', answer.text)[1].replace("&#39;", "'")  # type: ignore[index]
    assert 'id="summary"' in answer.text
    assert 'value="a name"' in answer.text


def changed(place: str, value: Any) -> bytes:
    """The result with another value at that place."""
    data = json.loads(dumps(RESULT))
    *path, last = place.split(".")
    found = data
    for name in path:
        found = found[int(name)] if name.isdigit() else found[name]
    found[last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(("place", "value"), [
    ("elapsed_s", 1e308), ("elapsed_s", -1.0), ("started_at", "9999-12-31T23:59:59Z"), ("plan.budget_s", 1e308),
    ("plan.items", 0), ("plan.precision", -5.0), ("plan.workload", "w" * 9_999), ("plan.workload", "\ud800"),
    ("trials.0.wall_s", 5e-324), ("trials.0.begun_s", -1e308), ("trials.0.nodes", 10**30), ("trials.0.items", 10**400),
    ("trials.0.point.workers", 10**18), ("environment.cpus_usable", 0.0),
])  # fmt: skip
def test_a_result_that_no_page_could_show_is_not_kept(runner: Browser, place: str, value: Any):
    answer = runner.post("/sweeps/import", {"file": (io.BytesIO(changed(place, value)), "x.json")})

    assert answer.status_code == 422
    assert 'id="file-wrong"' in answer.text
    assert runner.get("/").status_code == 200


@pytest.mark.parametrize(("place", "value"), [
    ("plan.workload", HOSTILE), ("plan.parameters", {HOSTILE: [HOSTILE]}), ("environment.versions", {HOSTILE: HOSTILE}),
    ("trials.3.point.model", HOSTILE), ("trials.3.point.variant", "a,b/c\"&"), ("ending", HOSTILE),
    ("plan.seed", 10**18), ("plan.inputs", [HOSTILE, {"a": 1}]), ("trials.3.block", 10**18),
])  # fmt: skip
def test_whatever_a_result_says_is_only_text(runner: Browser, place: str, value: Any):
    answer = runner.post("/sweeps/import", {"file": (io.BytesIO(changed(place, value)), "x.json")})
    for part in ("", "/live", "/scaling.json", "/lanes.json", "/export.html", "/export.md", "/export.csv"):
        page = runner.get(answer.location + part)

        assert page.status_code == 200, part
        assert page.mimetype != "text/html" or HOSTILE not in page.text, part
    assert HOSTILE not in runner.get("/").text + runner.get("/sweeps").text


def test_no_file_is_told_and_a_viewer_brings_in_nothing(app: Flask, runner: Browser):
    viewer = signed_in(app, "viewer")

    assert "choose a file" in runner.post("/sweeps/import", {"name": "x"}).text
    assert viewer.post("/sweeps/import", {"file": (io.BytesIO(b"{}"), "x.json")}).status_code == 403
