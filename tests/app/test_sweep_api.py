"""The API of sweeps: start, watch, list, cancel, fetch, share, bring in, compare."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from dynometer.__main__ import main
from dynometer.measure.result import dumps
from dynometer.report.as_json import report_json
from dynometer.report.report import make_report
from store import sweeps
from store.audit import Wanted, entries
from store.sweep_models import Phase
from store.values import Slot
from tasks.sweep_result import as_text, fingerprint_of
from tests.app.conftest import Program, program_of
from tests.report.made import ENVIRONMENT, GIL, made

SWEEPS, COMPARISONS = "/api/v1/sweeps", "/api/v1/comparisons"
SUM = {"workload": "random-sum", "parameters": {"numbers": 1000}, "models": ["sequential", "pool"], "workers": [1, 2]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def alone(each_app: Flask) -> Program:
    """A program of somebody with no sweep yet, on each database."""
    return program_of(each_app, "runner")


def app_of(program: Program) -> Flask:
    app = program.client.application
    assert isinstance(app, Flask)
    return app


def brought(program: Program, result=None, **query: str) -> TestResponse:
    return program.post(f"{SWEEPS}/import", query_string=query, data=dumps(result or made(noise=0.01)), headers=JSON)


def sweep_of(answer: TestResponse) -> int:
    assert answer.location, f"{answer.status}: {answer.text}"
    return int(answer.location.rsplit("/", 1)[-1])


def measured_so_far(program: Program, sweep_id: int, blocks: int = 2) -> None:
    """As a worker process records it."""
    result = made(noise=0.01, blocks=blocks)
    with app_of(program).extensions["database"].writing() as session:
        held = sweeps.claim(session, sweep_id, Slot(1, 0, 77), "worker.1", 3600.0)
        assert held is not None
        sweeps.begin_again(session, held, as_text(result.environment), fingerprint_of(result.environment))
        sweeps.change(session, held, plan=as_text(result.plan), phase=Phase.MEASURING)
        for number, trial in enumerate(result.trials, 1):
            sweeps.record(session, held, number, "trial", as_text(trial), spent_s=0.5 * number, windows=1)


def problem_at(answer: TestResponse) -> set[str]:
    assert answer.mimetype == "application/problem+json", answer.text
    return {each["pointer"] for each in answer.json.get("errors", [])}


def test_a_sweep_is_accepted_and_waits_for_a_node(alone: Program):
    answer = alone.post(SWEEPS, json=SUM | {"name": "Mine", "seed": 7, "budget_s": 20})

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    sweep = alone.get(answer.location).json
    assert sweep == answer.json
    assert set(sweep) == {
        "id", "name", "workload", "origin", "state", "phase", "models", "windows", "best", "verdict", "ending",
        "created_at", "started_at", "ended_at", "parameters", "progress", "node", "remarks", "report",
    }  # fmt: skip
    assert (sweep["name"], sweep["state"], sweep["phase"], sweep["report"]) == ("Mine", "queued", "waiting", None)
    assert sweep["progress"]["points_total"] == 3 + 2  # two for the diagnosis
    assert sweep["parameters"]["numbers"] == 1000


def test_a_running_sweep_tells_how_far_it_is(alone: Program):
    location = alone.post(SWEEPS, json=SUM).location
    measured_so_far(alone, int(location.rsplit("/", 1)[-1]))

    sweep = alone.get(location).json

    assert (sweep["state"], sweep["phase"], sweep["node"]) == ("running", "measuring", "worker.1")
    assert sweep["progress"]["windows"] == 2 * len(GIL)
    assert 0 < sweep["progress"]["left_low_s"] <= sweep["progress"]["left_high_s"]
    assert sweep["report"]["state"] == "stopped"  # the instrument's word for what is not over
    assert len(sweep["report"]["trials"]) == 2 * len(GIL)
    assert alone.get(f"{location}?report=false").json == sweep | {"report": None}


def test_the_feed_gives_each_event_once(alone: Program):
    location = alone.post(SWEEPS, json=SUM).location
    empty = alone.get(f"{location}/trials").json
    measured_so_far(alone, int(location.rsplit("/", 1)[-1]))

    first = alone.get(f"{location}/trials", query_string={"since": empty["cursor"]}).json
    then = alone.get(f"{location}/trials", query_string={"since": first["cursor"]}).json
    strange = alone.get(f"{location}/trials?since=nonsense").json

    assert (empty["events"], empty["is_final"]) == ([], False)
    assert first["is_anew"]  # a node has begun the curves meanwhile
    assert [each["number"] for each in first["events"]] == list(range(1, 2 * len(GIL) + 1))
    assert first["events"][0]["event"]["throughput_per_s"] > 0
    assert (then["events"], then["is_anew"], then["cursor"]) == ([], False, first["cursor"])
    assert strange["events"] == first["events"]


def test_the_same_numbers_in_every_form(program: Program, tmp_path):
    location = brought(program).location
    fetched = {ending: program.get(f"{location}/export/{ending}") for ending in ("json", "csv", "windows.csv")}
    (tmp_path / "out.json").write_bytes(fetched["json"].data)

    report = program.get(location).json["report"]
    rows = list(csv.DictReader(io.StringIO(fetched["csv"].text)))
    windows = list(csv.DictReader(io.StringIO(fetched["windows.csv"].text)))
    again = CliRunner().invoke(main, ["report", str(tmp_path / "out.json"), "--json"])

    assert report == fetched["json"].json
    assert report == json.loads(again.stdout)
    for point, row in zip(report["points"], rows, strict=True):
        assert point["throughput_per_s"]["value"] == float(row["throughput_per_s"])
        assert (point["model"], point["workers"]) == (row["model"], int(row["workers"]))
        assert point["speedup"] is None or point["speedup"]["low"] == float(row["speedup_low"])
    assert [trial["throughput_per_s"] for trial in report["trials"]] == [
        float(row["throughput_per_s"]) for row in windows
    ]


@pytest.mark.parametrize(
    ("ending", "mimetype", "start"),
    [("md", "text/markdown", b"#"), ("html", "text/html", b"<!"), ("svg", "image/svg+xml", b"<svg"),
     ("png", "image/png", b"\x89PNG"), ("badge", "image/svg+xml", b"<svg"), ("badge.json", "application/json", b"{")],
)  # fmt: skip
def test_a_sweep_is_exported(program: Program, ending: str, mimetype: str, start: bytes):
    location = brought(program, name='A/B "x"').location

    answer = program.get(f"{location}/export/{ending}")

    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert answer.data.lstrip().startswith(start) or ending == "md"
    assert re.fullmatch(r'attachment; filename="a-b-x\.[a-z.]+"', answer.headers["Content-Disposition"])


def test_there_is_no_export_before_a_node_has_begun_nor_of_an_unknown_kind(program: Program):
    waiting, done = program.post(SWEEPS, json=SUM).location, brought(program).location

    assert program.get(f"{waiting}/export/json").status_code == 404
    assert program.get(f"{done}/export/exe").status_code == 404


def test_an_unchanged_sweep_is_not_sent_twice(program: Program):
    location = brought(program).location
    etag, brief = (program.get(f"{location}{query}").headers["ETag"] for query in ("", "?report=false"))

    again = program.get(location, headers={"If-None-Match": etag})

    assert not etag.startswith("W/")
    assert etag != brief
    assert (again.status_code, again.data) == (304, b"")


def test_the_list_pages_by_link_and_filters(alone: Program):
    made_here = [sweep_of(brought(alone)) for _ in range(3)] + [sweep_of(alone.post(SWEEPS, json=SUM))]
    url, seen = f"{SWEEPS}?limit=2&workload=random-sum", []

    while url:
        page = alone.get(url)
        seen += [sweep["id"] for sweep in page.json]
        link = re.fullmatch(r'<(.+)>; rel="next"', page.headers.get("Link", ""))
        url = link[1] if link else ""

    assert seen == made_here[::-1]
    assert [sweep["id"] for sweep in alone.get(f"{SWEEPS}?state=queued").json] == made_here[-1:]
    filtered = alone.get(f"{SWEEPS}?state=finished&limit=1")
    assert "state=finished" in filtered.headers["Link"]
    assert filtered.json[0]["best"]["model"] == "vectorised"
    assert alone.get(f"{SWEEPS}?workload=wait").json == []
    assert alone.get(f"{SWEEPS}?state=odd").status_code == 422


def test_a_key_leads_to_one_sweep(alone: Program):
    headers = {"Idempotency-Key": "once"}
    first, again = (alone.post(SWEEPS, json=SUM, headers=headers) for _ in range(2))
    other = alone.post(SWEEPS, json=SUM | {"seed": 2}, headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert (first.location, first.json) == (again.location, again.json)


def test_a_key_brings_in_one_sweep(alone: Program):
    body, headers = dumps(made(noise=0.01)), {"Idempotency-Key": "once"} | JSON
    first, again = (alone.post(f"{SWEEPS}/import", data=body, headers=headers) for _ in range(2))
    other = alone.post(f"{SWEEPS}/import?name=Other", data=body, headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.location == again.location


def test_a_sweep_is_cancelled_and_cancelling_again_changes_nothing(alone: Program):
    location = alone.post(SWEEPS, json=SUM).location
    measured_so_far(alone, int(location.rsplit("/", 1)[-1]))

    assert [alone.delete(location).status_code for _ in range(2)] == [204, 204]

    sweep = alone.get(location).json
    assert (sweep["state"], sweep["windows"]) == ("cancelled", 2 * len(GIL))
    assert sweep["verdict"] == sweep["report"]["verdict"]
    assert alone.get(f"{location}/trials").json["is_final"]


def test_a_finished_sweep_can_not_be_cancelled(program: Program):
    refused = program.delete(brought(program).location)

    assert refused.status_code == 409
    assert "had already finished" in refused.json["detail"]


def test_a_foreign_sweep_is_none(app: Flask, program: Program):
    location, other = brought(program).location, program_of(app, "runner")
    mine = sweep_of(brought(other))

    for url in (location, f"{location}/trials", f"{location}/export/json", f"{location}/share"):
        assert other.get(url).status_code == 404
    assert other.delete(location).status_code == 404
    assert other.post(f"{location}/share").status_code == 404
    assert other.post(COMPARISONS, json={"a": mine, "b": int(location.rsplit("/", 1)[-1])}).status_code == 404
    assert program_of(app, "operator").get(location).status_code == 200


def test_a_readers_token_reads_and_compares_only(app: Flask):
    owner = program_of(app, "runner")
    a, b = sweep_of(brought(owner)), sweep_of(brought(owner))
    reader = program_of(app, "operator", scope="read")
    viewer = program_of(app, "viewer")

    assert viewer.post(SWEEPS, json=SUM).status_code == 403
    assert reader.post(SWEEPS, json=SUM).status_code == 403
    assert brought(reader).status_code == 403
    assert reader.post(COMPARISONS, json={"a": a, "b": b}).status_code == 404  # a read token sees its owner's own
    assert owner.post(COMPARISONS, json={"a": a, "b": b}).status_code == 200


def test_too_many_sweeps_at_once_are_refused(program: Program):
    most = app_of(program).extensions["settings"].open_sweeps_max
    for _ in range(most):
        assert program.post(SWEEPS, json=SUM).status_code == 202

    refused = program.post(SWEEPS, json=SUM)

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_it_is_written_down_who_did_what(program: Program):
    location = program.post(SWEEPS, json=SUM).location
    program.delete(location)
    shared = f"{brought(program).location}/share"
    slug = program.post(shared).json["slug"]
    program.delete(f"{shared}/{slug}")

    with app_of(program).extensions["database"].reading() as session:
        told = [entry.action for entry in entries(session, Wanted(who=program.email), 10)]

    assert told == ["share-revoked", "share-made", "sweep-imported", "sweep-cancelled", "sweep-started"]


def test_a_link_is_made_listed_and_revoked(program: Program):
    url = f"{brought(program).location}/share"

    made_link = program.post(url)
    listed = program.get(url).json

    assert made_link.status_code == 201
    slug = made_link.json["slug"]
    assert made_link.json["url"].endswith(f"/r/{slug}")
    assert listed == [made_link.json]
    assert [program.delete(f"{url}/{slug}").status_code for _ in range(2)] == [204, 404]
    assert program.get(url).json == []


def test_only_what_is_over_is_shared(program: Program):
    assert program.post(f"{program.post(SWEEPS, json=SUM).location}/share").status_code == 409


@pytest.mark.parametrize("form", ["result", "report"])
def test_a_result_of_the_command_line_is_brought_in(program: Program, form: str):
    result = made(noise=0.01)
    body = dumps(result) if form == "result" else report_json(make_report(result))

    answer = program.post(f"{SWEEPS}/import?name=Laptop", data=body, headers=JSON)

    assert answer.status_code == 201
    assert (answer.json["name"], answer.json["origin"], answer.json["state"]) == ("Laptop", "imported", "finished")
    assert answer.json["report"]["points"] == json.loads(report_json(make_report(result)))["points"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400), ("{", 400), ("[]", 422), ("7", 422), ("{}", 422), ('{"format": 99}', 422), ('{"format": NaN}', 400),
        ('{"report_format": 1, "format": 1}', 422), ('{"format": 1, "plan": {}}', 422), ("[" * 3000, 400),
        (dumps(made()).replace('"items": 100,', '"items": 0,'), 422), (dumps(made()).replace("2026-01-02T", "never "), 422),
        (dumps(made(blocks=0)), 422), (dumps(made()).replace('"wall_s": 10.0', '"wall_s": 1e400'), 422),
        (dumps(made()).replace('"workers": 1', '"workers": "1"'), 422),
    ],
)  # fmt: skip
def test_a_broken_result_is_refused_in_words(program: Program, body: str, status: int):
    refused = program.post(f"{SWEEPS}/import", data=body, headers=JSON)

    assert refused.status_code == status, refused.text
    assert status == 400 or problem_at(refused) == {""}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"models": "pool"}, "/models"), ({"models": []}, "/models"), ({"models": ["warp"]}, "/models"),
        ({"models": [7]}, "/models/0"), ({"workers": [0]}, "/workers"), ({"workers": [10**30]}, "/workers"),
        ({"workers": [True]}, "/workers/0"), ({"workers": ["2"]}, "/workers/0"), ({"workers": []}, "/workers"),
        ({"variants": ["fortran"]}, "/variants"), ({"items": 0}, "/items"), ({"items": 10**40}, "/items"),
        ({"items": "8"}, "/items"), ({"budget_s": 1e9}, "/budget_s"), ({"budget_s": "long"}, "/budget_s"),
        ({"precision": 0}, "/precision"), ({"seed": 1.5}, "/seed"), ({"library_threads": -1}, "/library_threads"),
        ({"item_limit_s": -1}, "/item_limit_s"), ({"parameters": {"numbers": 0}}, "/parameters/numbers"),
        ({"parameters": {"odd": 1}}, "/parameters/odd"), ({"parameters": [1]}, "/parameters"),
        ({"inputs": "abc"}, "/inputs"), ({"inputs": []}, "/inputs"), ({"name": "x" * 500}, "/name"),
        ({"name": "a\nb"}, "/name"), ({"name": None}, "/name"), ({"start_method": "spawn"}, "/start_method"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_nothing_starts(program: Program, change: dict, pointer: str):
    refused = program.post(SWEEPS, json=SUM | change)

    assert refused.status_code == 422, refused.text
    assert pointer in problem_at(refused), refused.json
    assert program.get(SWEEPS).json == []


@pytest.mark.parametrize("body", ['{"workload": "random-sum", "budget_s": NaN}', '{"workload": ', "[" * 9000, "\xff"])
def test_what_is_no_json_is_refused(program: Program, body: str):
    assert program.post(SWEEPS, data=body.encode("latin-1"), headers=JSON).status_code == 400


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
@pytest.mark.parametrize("field", ["budget_s", "precision", "item_limit_s", "items", "seed", "library_threads"])
def test_infinite_numbers_are_refused(program: Program, field: str, number: str):
    body = f'{{"workload": "random-sum", "{field}": {number}}}'

    assert program.post(SWEEPS, data=body, headers=JSON).status_code == 422


def test_a_file_is_no_workload(program: Program, tmp_path):
    touched = tmp_path / "touched"
    (tmp_path / "mine.py").write_text(f"open({str(touched)!r}, 'w')\ndef f(n):\n    return n\n")

    for name in (f"{tmp_path}/mine.py:f", "os:getcwd", "", "../mine.py:f"):
        assert program.post(SWEEPS, json=SUM | {"workload": name}).status_code in (404, 422)

    assert not touched.exists()


def test_two_sweeps_are_compared_as_the_command_line_does(program: Program, tmp_path):
    slower = {point: rate * (0.5 if point.model == "pool" else 1.0) for point, rate in GIL.items()}
    results = made(noise=0.01), made(slower, noise=0.01, seed=2)
    a, b = (sweep_of(brought(program, result)) for result in results)
    for name, result in zip("ab", results, strict=True):
        (tmp_path / name).write_text(dumps(result))

    answer = program.post(COMPARISONS, json={"a": a, "b": b})
    said = CliRunner().invoke(main, ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json"])

    assert answer.status_code == 200, answer.text
    assert answer.json == json.loads(said.stdout)
    assert answer.json["verdict"] == "different"


def test_unlike_machines_are_not_compared_unless_one_says_so(program: Program):
    here = sweep_of(brought(program))
    there = sweep_of(brought(program, made(noise=0.01, environment=replace(ENVIRONMENT, python="3.14.0"))))

    refused = program.post(COMPARISONS, json={"a": here, "b": there})
    allowed = program.post(COMPARISONS, json={"a": here, "b": there, "across": ["python"]})
    strange = program.post(COMPARISONS, json={"a": here, "b": there, "across": ["weather"]})

    assert refused.status_code == 409
    assert refused.json["differences"] == [{"fact": "python", "a": "3.11.7", "b": "3.14.0"}]
    assert 'python: 3.11.7 against 3.14.0' in refused.json["detail"]
    assert (allowed.status_code, allowed.json["differences"][0]["fact"]) == (200, "python")
    assert (strange.status_code, problem_at(strange)) == (422, {"/across"})


def test_nothing_measured_is_nothing_to_compare(program: Program):
    waiting = sweep_of(program.post(SWEEPS, json=SUM))

    assert program.post(COMPARISONS, json={"a": waiting, "b": waiting}).status_code == 409
