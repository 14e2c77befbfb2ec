"""Limits of one person: refused in words, with nothing lost, and never passed by asking twice at once."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from store import quotas
from store.audit import Wanted, entries
from store.models import Job, Upload
from store.people import person_by_email
from store.quotas import Override
from tests.app.conftest import Program, job_of, program_of, signed_in

AT_ONCE = 6


def id_of(app: Flask, email: str) -> int:
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, email)
    assert user is not None
    return user.id


def limit(app: Flask, email: str, **limits: int) -> None:
    with app.extensions["database"].writing() as session:
        quotas.set_override(session, id_of(app, email), Override(**limits))


def owned(app: Flask, table: type[Any], email: str) -> int:
    owner_id = id_of(app, email)
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(table.owner_id == owner_id)) or 0


def at_once(app: Flask, program: Program, ask: Callable[[Program], int]) -> list[int]:
    """What so many clients with one token get who ask at the same moment."""
    start = Barrier(AT_ONCE)

    def one(number: int) -> int:
        client = Program(app.test_client(), program.token, "")
        start.wait()
        return ask(client)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def test_the_job_that_is_one_too_many_is_refused_with_what_to_do(app: Flask, program: Program):
    limit(app, program.email, open_jobs_max=2)
    first, _ = (program.post("/api/v1/jobs", json={"workload": "wait"}) for _ in range(2))

    refused = program.post("/api/v1/jobs", json={"workload": "wait"})

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    assert refused.mimetype == "application/problem+json"
    assert "2 of your jobs are queued or running, and your account may have 2" in refused.json["detail"]
    assert "cancel one" in refused.json["detail"]
    assert owned(app, Job, program.email) == 2
    program.delete(f"/api/v1/jobs/{job_of(first)}")
    assert program.post("/api/v1/jobs", json={"workload": "wait"}).status_code == 202


def test_too_many_items_are_refused(app: Flask, program: Program):
    limit(app, program.email, open_items_max=100)
    program.post("/api/v1/jobs", json={"workload": "wait", "items": 60})

    refused = program.post("/api/v1/jobs", json={"workload": "wait", "items": 41})

    assert refused.status_code == 429
    assert "with its 41 items your open jobs would have 101" in refused.json["detail"]
    assert program.post("/api/v1/jobs", json={"workload": "wait", "items": 40}).status_code == 202


def test_a_key_that_was_answered_is_answered_again_at_the_limit(app: Flask, program: Program):
    limit(app, program.email, open_jobs_max=1)
    ask = {"json": {"workload": "wait"}, "headers": {"Idempotency-Key": "a"}}
    first = program.post("/api/v1/jobs", **ask)

    again = program.post("/api/v1/jobs", **ask)

    assert (again.status_code, again.location) == (202, first.location)


def test_the_page_keeps_what_was_typed(app: Flask):
    runner = signed_in(app, "runner")
    limit(app, runner.email, open_jobs_max=0)
    runner.get("/jobs/new?workload=factorise")

    page = runner.post("/jobs/new?workload=factorise", {"source": "own", "lines": "12\n15", "max_workers": "3"})

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "30"
    assert "0 of your jobs are queued or running, and your account may have 0" in page.text
    assert "12\n15</textarea>" in page.text
    assert 'value="3"' in page.text


def test_a_file_that_was_received_is_kept_when_its_job_is_refused(app: Flask):
    runner = signed_in(app, "runner")
    limit(app, runner.email, open_jobs_max=0)
    runner.get("/jobs/new?workload=factorise")
    file = (io.BytesIO(b"12\n15\n"), "n.txt")

    page = runner.post("/jobs/new?workload=factorise", {"source": "own", "file": file})

    assert page.status_code == 429
    assert "n.txt</strong>, 2 items, kept" in page.text
    assert owned(app, Upload, runner.email) == 1


def test_uploads_count_and_one_too_large_leaves_nothing(app: Flask, program: Program):
    limit(app, program.email, stored_bytes_max=200)
    url, lines = "/api/v1/uploads?workload=word-count", [sha256(bytes([n])).hexdigest() for n in range(100)]
    assert program.post(url, data=b"one word\n").status_code == 201

    refused = program.post(url, data="\n".join(lines).encode())

    assert refused.status_code == 429
    assert "your account may store 200" in refused.json["detail"]
    assert owned(app, Upload, program.email) == 1
    assert program.post("/api/v1/jobs", json={"workload": "word-count", "inputs": lines}).status_code == 429
    assert owned(app, Upload, program.email) == 1


def test_an_upload_over_the_limit_is_refused_on_the_page_with_the_lines_kept(app: Flask):
    runner = signed_in(app, "runner")
    limit(app, runner.email, stored_bytes_max=0)
    runner.get("/jobs/new?workload=factorise")

    page = runner.post("/jobs/new?workload=factorise", {"source": "own", "lines": "12\n15"})

    assert page.status_code == 429
    assert "your account may store 0" in page.text
    assert "12\n15</textarea>" in page.text


@pytest.mark.parametrize("items", [1, None])
def test_posts_at_the_same_moment_do_not_slip_through(each_app: Flask, items: int | None):
    program = program_of(each_app, "runner")
    limit(each_app, program.email, open_jobs_max=2)
    body = {"workload": "wait"} if items is None else {"workload": "wait", "items": items}

    statuses = at_once(each_app, program, lambda client: client.post("/api/v1/jobs", json=body).status_code)

    assert statuses == [202] * 2 + [429] * (AT_ONCE - 2)
    assert owned(each_app, Job, program.email) == 2


def test_uploads_at_the_same_moment_do_not_slip_through(each_app: Flask):
    program = program_of(each_app, "runner")
    url = "/api/v1/uploads?workload=factorise"
    program.post(url, data=b"6\n35\n")
    with each_app.extensions["database"].reading() as session:
        one = quotas.use_of(session, id_of(each_app, program.email)).stored_bytes
    limit(each_app, program.email, stored_bytes_max=3 * one)

    statuses = at_once(each_app, program, lambda client: client.post(url, data=b"6\n35\n").status_code)

    assert statuses == [201] * 2 + [429] * (AT_ONCE - 2)
    assert owned(each_app, Upload, program.email) == 3


def test_everybody_sees_their_own_use(app: Flask):
    runner, stranger = signed_in(app, "runner"), signed_in(app, "runner")
    limit(app, runner.email, open_jobs_max=7)
    runner.get("/jobs/new?workload=wait")
    runner.post("/jobs/new?workload=wait", {"items": "5"})

    page = runner.get("/settings/limits").text

    assert "1 of 7" in page
    assert "5 of 10,000,000,000" in page
    assert "Everybody" not in page
    assert "0 of 1,000" in stranger.get("/settings/limits").text


def test_an_administrator_sets_a_limit_and_takes_it_back(app: Flask):
    admin, program = signed_in(app, "admin"), program_of(app, "runner")
    url = f"/settings/limits/{id_of(app, program.email)}"

    for _ in range(2):
        assert admin.post(url, {"open_jobs_max": "0", "stored_mb_max": "3"}).status_code == 303
    assert program.post("/api/v1/jobs", json={"workload": "wait"}).status_code == 429
    assert "3 MB" in admin.get(url).text
    admin.post(url, {})

    assert program.post("/api/v1/jobs", json={"workload": "wait"}).status_code == 202
    with app.extensions["database"].reading() as session:
        told = [entry.detail for entry in entries(session, Wanted(admin.email, "quota-changed"), 9)]
    assert [detail["open_jobs_max"] for detail in told if detail] == ["", "0"]


@pytest.mark.parametrize("text", ["-1", "many", "1e99", "9" * 50, "1000001", "🦆", "1\n2"])
def test_a_limit_that_is_no_number_is_said_and_kept(app: Flask, text: str):
    admin, program = signed_in(app, "admin"), program_of(app, "runner")
    admin.get("/settings/limits")

    page = admin.post(f"/settings/limits/{id_of(app, program.email)}", {"open_jobs_max": text})

    assert page.status_code == 422
    assert "The limits were not changed" in page.text
    assert 'aria-invalid="true"' in page.text
    with app.extensions["database"].reading() as session:
        assert quotas.override_of(session, id_of(app, program.email)) == Override()


def test_nobody_who_is_not_there_gets_limits(app: Flask):
    admin = signed_in(app, "admin")
    admin.get("/settings/limits")

    assert admin.get("/settings/limits/999999").status_code == 404
    assert admin.post("/settings/limits/999999", {"open_jobs_max": "1"}).status_code == 404
