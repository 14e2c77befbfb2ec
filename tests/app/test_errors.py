"""Errors say what happened, what is kept, what to do, and under which id the log has it."""

import json
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.assets import asset
from app.health import Probe
from settings import ConfigError
from store.database import Database
from tests.app.conftest import Browser, Program, program_of, signed_in
from tests.services import Postgres, until


@pytest.fixture
def silent_database() -> Iterator[str]:
    """The URL of somebody who listens and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"postgresql+psycopg2://nobody@127.0.0.1:{listening.getsockname()[1]}/nothing"


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """Every process of it stops where it is, as on a host that swaps itself to death."""
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)


@pytest.fixture
def no_database(make_app) -> Flask:
    """An app whose PostgreSQL is away."""
    return make_app("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")


def test_without_its_database_a_page_says_so_and_when_to_come_again(no_database: Flask):
    answer = no_database.test_client().get("/sign-in")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "The database can&#39;t be reached." in answer.text
    assert "Jobs that were accepted are safe" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_without_its_database_the_api_says_so_and_when_to_come_again(no_database: Flask):
    answer = no_database.test_client().get("/api/v1/jobs", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["detail"].startswith("The database can't be reached.")


def test_a_lost_database_is_one_line_in_the_log_and_seldom(
    no_database: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    now = 1000.0
    monkeypatch.setattr("app.logs.monotonic", lambda: now)
    client = no_database.test_client()

    for _ in range(3):
        client.get("/sign-in")
    lines = capfd.readouterr().err.splitlines()
    now += 11.0
    client.get("/sign-in")
    later = capfd.readouterr().err.splitlines()

    assert [json.loads(line)["event"] for line in lines] == ["database away"]
    assert json.loads(lines[0])["error"].startswith("connection to server at")
    assert "Traceback" not in lines[0]
    assert [json.loads(line)["also_before"] for line in later] == [2]


def test_without_its_database_the_process_lives_but_is_not_ready(no_database: Flask):
    client = no_database.test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_database_that_takes_calls_and_says_nothing_is_not_ready(make_app, silent_database: str):
    answer = make_app(silent_database).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["reason"].startswith("The database ")


@pytest.mark.faults
def test_a_frozen_database_is_not_ready_until_it_thaws(make_app, lone_postgres: Postgres):
    client = make_app(lone_postgres.new_database()).test_client()
    assert client.get("/readyz").json["reason"].startswith("The database lacks this version's schema")

    with frozen(lone_postgres):
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200

    until(lambda: "schema" in client.get("/readyz").json["reason"], "it is asked anew")


def test_one_silent_question_at_a_time(make_database, monkeypatch: pytest.MonkeyPatch):
    asked, may_answer = [], Event()
    monkeypatch.setattr("app.health.ANSWER_WITHIN_S", 0.01)
    monkeypatch.setattr("app.health.migrate.is_current", lambda database: asked.append(database) or may_answer.wait())
    probe = Probe(Database(make_database("sqlite")))

    for _ in range(3):
        with pytest.raises(TimeoutError):
            probe.is_current()
    may_answer.set()

    assert len(asked) == 1
    until(probe.is_current, "the next question is answered")


def test_without_its_database_static_files_are_served(no_database: Flask):
    with no_database.test_client().get("/static/icon.svg") as answer:
        assert answer.status_code == 200


def test_a_lost_database_at_the_moment_of_the_start_loses_nothing(make_app, make_database, postgres):
    app = make_app(make_database("postgresql"))
    program = program_of(app, "runner")
    key = {"Idempotency-Key": "k-1"}
    postgres.stop()

    refused = program.post("/api/v1/jobs", json={"workload": "wait"}, headers=key)
    postgres.start()
    answer = program.post("/api/v1/jobs", json={"workload": "wait"}, headers=key)

    assert refused.status_code == 503
    assert answer.status_code == 202
    assert len(program.get("/api/v1/jobs").json) == 1


@pytest.mark.parametrize(
    "error",
    [OperationalError("SELECT 1", None, Exception("gone")), RuntimeError("can't start new thread"), KeyError("a bug")],
    ids=lambda error: type(error).__name__,
)
def test_what_fails_after_the_job_was_accepted_is_made_good_later(
    program: Program, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], error: Exception
):
    def broken(*given: object) -> None:
        raise error

    monkeypatch.setattr("app.start.advance", broken)

    answer = program.post("/api/v1/jobs", json={"workload": "wait"})

    assert answer.status_code == 202
    assert program.get(answer.location).json["state"] == "queued"
    logged = capfd.readouterr().err
    assert '"event": "accepted, not rung"' in logged
    assert type(error).__name__ in logged


def test_a_bug_shows_no_inner_workings(app: Flask, runner: Browser, program: Program, monkeypatch: pytest.MonkeyPatch):
    def broken(*given: object) -> None:
        raise RuntimeError("secret inner working")

    monkeypatch.setattr("app.pages.overview.job_rows", broken)
    monkeypatch.setattr("app.api.jobs.job_rows", broken)

    for answer in (runner.get("/"), program.get("/api/v1/jobs")):
        assert answer.status_code == 500
        assert "secret inner working" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["X-Request-ID"] in answer.text


def test_a_bug_is_in_the_log_under_the_id_of_its_page(
    runner: Browser, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("app.pages.overview.job_rows", lambda *given: 1 / 0)

    answer = runner.get("/", headers={"X-Request-ID": "from-the-proxy.1"})

    assert answer.headers["X-Request-ID"] == "from-the-proxy.1"
    logged = capfd.readouterr().err
    assert '"request_id": "from-the-proxy.1"' in logged
    assert "ZeroDivisionError" in logged


def test_what_libraries_log_is_json_too(app: Flask, capfd: pytest.CaptureFixture[str]):
    with app.test_request_context():
        logging.getLogger("kombu").warning("away: %s", 'a "broker"')

    line = json.loads(capfd.readouterr().err.strip().splitlines()[-1])
    assert (line["event"], line["level"]) == ('away: a "broker"', "warning")


@pytest.mark.parametrize("forged", ["short", "x" * 65, "a b c d e f", "<script>alert</script>", "id\tid-id-id"])
def test_a_request_id_that_looks_odd_is_not_taken(app: Flask, forged: str):
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": forged})

    assert answer.headers["X-Request-ID"] != forged
    assert len(answer.headers["X-Request-ID"]) == 16


def test_a_fragments_error_is_one_sentence(runner: Browser):
    answer = runner.get("/jobs/999999/live", headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert "There is no job 999999 among yours." in answer.text


def test_an_error_page_works_without_a_script(runner: Browser):
    page = runner.get("/nowhere").text

    only_forbids = f'<script src="{asset("js/trusted.js")}">'
    assert re.findall(r"<script[^>]*>", page) == [only_forbids]
    assert 'href="/"' in page


@pytest.mark.parametrize("secret", ["", "short"])
def test_without_a_secret_of_its_own_it_does_not_start(make_app, secret: str):
    with pytest.raises(ConfigError, match="DYNOMETER_SECRET_KEY") as refused:
        make_app("sqlite://", secret_key=secret)

    assert "./dyno up" in refused.value.hint


def test_two_apps_in_one_process_share_nothing(make_app, make_database):
    first, second = (make_app(make_database("sqlite")) for _ in range(2))
    signed_in(first, "runner")

    assert second.test_client().get("/sign-in").location == "/setup"
