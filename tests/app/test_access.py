"""Who may what, where the sweep over every rule (test_route_sweep.py) does not say it all."""

import re

import pytest
from flask import Flask

from tests.app.conftest import Browser, Program, job_of, program_of, signed_in


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("viewer", {"/": 200, "/jobs": 200, "/jobs/new?workload=wait": 403}),
        ("runner", {"/jobs/new?workload=wait": 200}),
    ],
)
def test_roles_open_pages(app: Flask, role: str, expected: dict[str, int]):
    browser = signed_in(app, role)

    for path, status in expected.items():
        assert browser.get(path).status_code == status, path


def test_a_viewer_starts_no_job(app: Flask):
    browser = signed_in(app, "viewer")
    browser.get("/")

    page = browser.post("/jobs/new?workload=wait")

    assert page.status_code == 403
    assert "Your account may not do this" in page.text
    assert "Ask an administrator" in page.text


def test_a_viewer_is_offered_nothing_to_start(app: Flask):
    browser = signed_in(app, "viewer")

    for path in ("/", "/workloads", "/jobs"):
        assert not re.search(r">(Start|New job|Choose a workload)<", browser.get(path).text), path


def test_somebody_elses_job_is_not_there(app: Flask, program: Program):
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "mandelbrot", "items": 4}))
    stranger = signed_in(app, "runner")
    foreign_program = program_of(app, "runner")
    stranger.get("/")

    for path in ("", "/live", "/picture.png", "/tiles", "/results.ndjson", "/results.csv", "/cancel"):
        assert stranger.get(f"/jobs/{job_id}{path}").status_code == 404, path
    stranger.get("/")
    assert stranger.post(f"/jobs/{job_id}/cancel").status_code == 404
    assert f"#{job_id}" not in stranger.get("/jobs").text
    for path in ("", "/results?partial=1", "/picture"):
        assert foreign_program.get(f"/api/v1/jobs/{job_id}{path}").status_code == 404, path
    assert foreign_program.delete(f"/api/v1/jobs/{job_id}").status_code == 404
    assert program.get(f"/api/v1/jobs/{job_id}").json["state"] == "queued"


def test_an_operator_sees_everybodys_jobs(app: Flask, program: Program):
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "wait", "items": 1}))

    page = signed_in(app, "operator").get("/jobs")

    assert f"#{job_id}" in page.text
    assert program.email in page.text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(app: Flask, host: str):
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "DYNOMETER_HOSTS" in answer.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "dyno.example.org"])
def test_own_host_names_are_served(make_app, make_database, host: str):
    app = make_app(make_database("sqlite"), hosts="dyno.example.org")

    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 302


def test_probes_may_come_by_address(app: Flask):
    assert app.test_client().get("/readyz", headers={"Host": "10.0.0.7:8000"}).json == {"ok": True}


def test_a_wrong_token_never_falls_back_to_the_cookie(app: Flask, runner: Browser):
    for header in ("Bearer nonsense", "Bearer", "Basic YTpi", "bearer  "):
        assert runner.get("/jobs", headers={"Authorization": header}).status_code == 302, header
        assert runner.get("/api/v1/jobs", headers={"Authorization": header}).status_code == 401, header
    assert runner.get("/api/v1/jobs").status_code == 200


def test_flask_securitys_own_ways_in_are_shut(app: Flask):
    paths = {rule.rule for rule in app.url_map.iter_rules()}

    assert not paths & {"/login", "/logout", "/register", "/verify", "/change"}
    assert app.test_client().get("/jobs?auth_token=x", headers={"Authentication-Token": "x"}).status_code == 302
