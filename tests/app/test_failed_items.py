"""Items without a value: in the verdict, in the files, in the API."""

import csv
import io
import json
import re

import pytest
from flask import Flask

from tests.app.brittle_workload import with_brittle
from tests.app.conftest import Program, job_of, let_workers_work, program_of, signed_in


@pytest.fixture
def operators(monkeypatch: pytest.MonkeyPatch, app: Flask) -> tuple[Flask, Program]:
    monkeypatch.setattr("dynometer.workloads._found", with_brittle)
    return app, program_of(app, "operator")


@pytest.fixture
def ended(operators: tuple[Flask, Program]) -> tuple[Flask, Program, int]:
    """A job of eight items, of which one failed."""
    app, program = operators
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "brittle"}))
    let_workers_work(app, job_id)
    return app, program, job_id


def test_the_verdict_names_the_item_and_the_reason(ended: tuple[Flask, Program, int]):
    app, _, job_id = ended

    page = signed_in(app, "operator").get(f"/jobs/{job_id}").text

    assert "Partly done: 7 of 8 items have a value" in page
    assert "item 2" in page
    assert "=HYPERLINK(1) is no number" in page
    assert re.search(r'<tr class="failed"><td>2</td><td>[^<]*=HYPERLINK', page)


def test_the_api_says_partial_and_why(ended: tuple[Flask, Program, int]):
    _, program, job_id = ended

    job = program.get(f"/api/v1/jobs/{job_id}").json

    assert (job["state"], job["items_done"], job["items_failed"]) == ("partial", 8, 1)
    assert "item 2" in job["failure"]


def test_a_failed_item_has_its_sentence_in_place_of_a_value(ended: tuple[Flask, Program, int]):
    _, program, job_id = ended

    lines = [json.loads(line) for line in program.get(f"/api/v1/jobs/{job_id}/results").text.splitlines()]

    assert lines[1] == {"item": 1, "ok": True, "value": {"a": [1, None]}}
    assert lines[2] == {"item": 2, "ok": False, "error": lines[2]["error"]}
    assert "=HYPERLINK(1) is no number" in lines[2]["error"]
    assert lines[5] == {"item": 5, "ok": True, "value": None}
    assert len(lines) == 8


def test_a_spreadsheet_runs_nothing_of_the_table(ended: tuple[Flask, Program, int]):
    _, program, job_id = ended

    answer = program.get(f"/api/v1/jobs/{job_id}/results", headers={"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert [row["value"] for row in rows] == [
        "'=1+1", '{"a": [1, null]}', "", "-5", "plain, with a comma", "", "true", "'@x",
    ]  # fmt: skip
    assert "=HYPERLINK(1) is no number" in rows[2]["error"]
    assert not rows[2]["error"].startswith("=")
    assert [row["ok"] for row in rows] == ["true", "true", "false", *["true"] * 5]
