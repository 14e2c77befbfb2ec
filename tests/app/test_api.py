"""The API: start, watch, list, cancel, fetch."""

import io
import re
from datetime import datetime

import pytest
from flask import Flask
from PIL import Image

from tests.app.conftest import Program, job_of, let_workers_work, program_of, signed_in

JOBS = "/api/v1/jobs"
SUM = {"workload": "random-sum", "items": 3, "parameters": {"numbers": 100}}


@pytest.fixture
def alone(each_app: Flask) -> Program:
    """A program of somebody with no job yet, on each database."""
    return program_of(each_app, "runner")


def app_of(program: Program) -> Flask:
    app = program.client.application
    assert isinstance(app, Flask)
    return app


def test_a_job_is_accepted_watched_and_fetched(alone: Program):
    answer = alone.post(JOBS, json=SUM)
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "1"
    let_workers_work(app_of(alone), job_of(answer))

    job = alone.get(answer.location).json

    assert job["state"] == "succeeded"
    assert (job["items_total"], job["items_done"], job["items_failed"]) == (3, 3, 0)
    assert job["eta_s"] is None
    assert job["throughput_per_s"] > 0
    assert job["nodes"][0]["node"] == "worker.1"
    assert job["nodes"][0]["items_done"] == 3
    assert isinstance(job["result"], int)
    for name in ("created_at", "started_at", "ended_at"):
        assert datetime.fromisoformat(job[name]).utcoffset().total_seconds() == 0, name  # type: ignore[union-attr]


def test_the_answer_has_the_documented_fields(program: Program):
    accepted = program.post(JOBS, json=SUM)
    job = program.get(accepted.location).json

    assert accepted.json == job
    assert set(job) == {
        "id", "state", "workload", "variant", "parameters", "max_workers", "items_total", "items_done", "items_failed",
        "throughput_per_s", "eta_s", "elapsed_s", "result", "result_sentence", "failure", "created_at", "started_at",
        "ended_at", "chunks", "nodes",
    }  # fmt: skip
    assert job["state"] == "queued"
    assert job["parameters"]["numbers"] == 100


def test_a_job_of_own_items(alone: Program):
    answer = alone.post(JOBS, json={"workload": "factorise", "inputs": [12, "15", 97]})
    let_workers_work(app_of(alone), job_of(answer))

    results = alone.get(f"{answer.location}/results").text.splitlines()

    assert len(results) == 3
    assert results[0].startswith('{"item": 0, "ok": true, "value": ')


def test_a_job_of_an_uploaded_file(alone: Program):
    upload = alone.post("/api/v1/uploads?workload=factorise&name=n.txt", data=b"12\n15\n", content_type="text/plain")
    assert upload.status_code == 201
    assert upload.json["items"] == 2

    answer = alone.post(JOBS, json={"workload": "factorise", "upload_id": upload.json["id"]})

    assert answer.json["items_total"] == 2


def test_json_lines_are_told_by_the_name(program: Program):
    upload = program.post("/api/v1/uploads?workload=word-count&name=t.jsonl", data=b'"a b"\n"c"\n')

    assert (upload.status_code, upload.json["items"], upload.json["name"]) == (201, 2, "t.jsonl")


def test_an_unchanged_job_is_not_sent_twice(program: Program):
    location = program.post(JOBS, json=SUM).location
    etag = program.get(location).headers["ETag"]

    again = program.get(location, headers={"If-None-Match": etag})

    assert not etag.startswith("W/")
    assert (again.status_code, again.data) == (304, b"")


def test_the_list_pages_by_link(alone: Program):
    made = [job_of(alone.post(JOBS, json=SUM)) for _ in range(5)]
    url, seen = f"{JOBS}?limit=2", []

    while url:
        page = alone.get(url)
        seen += [job["id"] for job in page.json]
        link = re.fullmatch(r'<(.+)>; rel="next"', page.headers.get("Link", ""))
        url = link[1] if link else ""

    assert seen == made[::-1]


def test_an_operators_token_sees_everybodys_jobs_and_a_readers_none(app: Flask, program: Program):
    job_id = job_of(program.post(JOBS, json=SUM))

    assert program_of(app, "operator").get(f"{JOBS}/{job_id}").status_code == 200
    assert program_of(app, "operator", scope="read").get(f"{JOBS}/{job_id}").status_code == 404


def test_a_job_is_cancelled_and_cancelling_again_changes_nothing(alone: Program):
    location = alone.post(JOBS, json={"workload": "wait", "items": 1000}).location

    assert [alone.delete(location).status_code for _ in range(2)] == [204, 204]

    assert alone.get(location).json["state"] == "cancelled"
    assert alone.get(f"{location}/results").text == ""


def test_a_job_that_had_ended_is_not_cancelled_and_says_so(alone: Program):
    location = alone.post(JOBS, json=SUM).location
    let_workers_work(app_of(alone), int(location.rsplit("/", 1)[-1]))

    refused = alone.delete(location)

    assert refused.status_code == 409
    assert refused.json["detail"] == f"Job {location.rsplit('/', 1)[-1]} had already succeeded; nothing was cancelled."
    assert alone.get(location).json["state"] == "succeeded"


def test_results_of_a_job_that_is_not_over_are_asked_for_on_purpose(program: Program):
    location = program.post(JOBS, json=SUM).location

    refused = program.get(f"{location}/results")

    assert refused.status_code == 409
    assert "?partial=1" in refused.json["detail"]
    assert program.get(f"{location}/results?partial=1").status_code == 200


def test_the_format_is_asked_for_by_query_or_header(program: Program):
    results = program.post(JOBS, json=SUM).location + "/results?partial=1"

    assert program.get(results).mimetype == "application/x-ndjson"
    assert program.get(results, headers={"Accept": "text/csv"}).mimetype == "text/csv"
    assert program.get(f"{results}&format=csv").text == "item,ok,value,error\r\n"
    assert program.get(f"{results}&format=xml").status_code == 422


def test_the_picture_of_a_job(alone: Program):
    job = {"workload": "mandelbrot", "items": 4, "parameters": {"width": 32, "height": 16}}
    answer = alone.post(JOBS, json=job)
    let_workers_work(app_of(alone), job_of(answer))

    picture = alone.get(f"{answer.location}/picture")

    assert picture.mimetype == "image/png"
    assert Image.open(io.BytesIO(picture.data)).size == (32, 16)


def test_the_workloads_with_their_parameters(program: Program):
    workloads = {workload["key"]: workload for workload in program.get("/api/v1/workloads").json}

    width = next(parameter for parameter in workloads["mandelbrot"]["parameters"] if parameter["name"] == "width")
    assert (width["type"], width["unit"], width["low"], width["high"]) == ("int", "px", 16, 4096)
    assert workloads["random-sum"]["variants"][0] == "python"


def test_the_nodes(alone: Program):
    answer = alone.post(JOBS, json=SUM)
    let_workers_work(app_of(alone), job_of(answer))

    assert [(node["name"], node["role"], node["slots"]) for node in alone.get("/api/v1/nodes").json] == [
        ("worker.1", "worker", 1)
    ]


def test_a_cookie_may_use_the_api_with_the_token_of_its_page(app: Flask):
    browser = signed_in(app, "runner")
    browser.get("/workloads")

    assert browser.client.post(JOBS, json=SUM).status_code == 400
    answer = browser.client.post(JOBS, json=SUM, headers={"X-CSRFToken": browser.csrf_token()})

    assert answer.status_code == 202


def test_health_needs_no_account(app: Flask):
    client = app.test_client()

    assert client.get("/healthz").json == {"ok": True}
    assert client.get("/readyz").json == {"ok": True}


def test_an_empty_database_is_not_ready(make_app, tmp_path):
    app = make_app(f"sqlite:///{tmp_path / 'empty.db'}")

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert "schema" in answer.json["reason"]
