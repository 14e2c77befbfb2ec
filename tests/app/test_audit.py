"""The audit log: written with the change, never changed, and text stays text."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from store import audit
from store.account_models import AuditEntry
from store.audit import Wanted
from store.database import Database
from tests.app.conftest import Browser, Program, job_of, let_workers_work, program_of, signed_in

HOSTILE = 'x\r\n{"action": "forged"} \u202e<script>alert(1)</script>'


@pytest.fixture
def each_database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as session:
        audit.record(session, "job-started", actor_id=1, actor="ada@example.org", subject="job 1")
    yield database
    database.engine.dispose()


@pytest.fixture
def admin(app: Flask) -> Browser:
    return signed_in(app, "admin")


def record(app: Flask, actor: str, times: int = 1, **given: object) -> None:
    with app.extensions["database"].writing() as session:
        for _ in range(times):
            audit.record(session, **{"action": "job-started", "actor_id": None, "actor": actor, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement", [update(AuditEntry).values(actor="nobody"), delete(AuditEntry)], ids=["update", "delete"]
)
def test_the_database_refuses_to_change_an_entry(each_database: Database, statement: object):
    with pytest.raises(DatabaseError, match="audit entries are never changed"), each_database.writing() as session:
        session.execute(statement)  # type: ignore[call-overload]

    with each_database.reading() as session:
        assert [entry.actor for entry in audit.entries(session, Wanted(), 9)] == ["ada@example.org"]


def test_sqlite_refuses_to_replace_an_entry(make_database):
    database = Database(make_database("sqlite"))
    for actor in ("ada@example.org", "bob@example.org"):
        with database.writing() as session:
            audit.record(session, "job-started", actor_id=1, actor=actor)
    with database.reading() as session:
        first = audit.entries(session, Wanted(), 9)[-1]

    columns = "id, at, actor, action, subject, outcome, address, request_id"
    replace = f"INSERT OR REPLACE INTO audit_entry ({columns}) VALUES ({first.id}, 0, 'nobody', '', '', '', '', '')"
    with pytest.raises(DatabaseError, match="audit entries are never changed"), database.writing() as session:
        session.execute(text(replace))
    database.engine.dispose()


def test_postgresql_refuses_to_empty_it(make_database):
    database = Database(make_database("postgresql"))

    with pytest.raises(DatabaseError, match="never changed"), database.writing() as session:
        session.execute(text("TRUNCATE audit_entry"))
    database.engine.dispose()


def test_a_change_that_fails_leaves_no_entry(each_database: Database):
    def fail() -> None:
        with each_database.writing() as session:
            audit.record(session, "role-changed", actor_id=1, actor="ada@example.org")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with each_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_what_is_done_to_jobs_is_written_down_with_who_and_whence(app: Flask, program: Program):
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "wait", "items": 1}))
    let_workers_work(app, job_id)
    program.get(f"/api/v1/jobs/{job_id}/results?format=csv")
    other = job_of(program.post("/api/v1/jobs", json={"workload": "wait"}, headers={"X-Request-ID": "from-a-proxy"}))
    for _ in range(2):
        program.delete(f"/api/v1/jobs/{other}")

    with app.extensions["database"].reading() as session:
        found = audit.entries(session, Wanted(program.email), 9)
    assert [(entry.action, entry.subject) for entry in found] == [
        ("job-cancelled", f"job {other}"), ("job-started", f"job {other}"),
        ("results-exported", f"job {job_id}"), ("job-started", f"job {job_id}"),
    ]  # fmt: skip
    assert (found[1].request_id, found[1].address) == ("from-a-proxy", "127.0.0.1")
    assert found[2].detail == {"format": "csv"}


def test_an_answer_that_is_repeated_is_one_entry(app: Flask, program: Program):
    for _ in range(2):
        program.post("/api/v1/jobs", json={"workload": "wait"}, headers={"Idempotency-Key": "k"})

    with app.extensions["database"].reading() as session:
        assert len(audit.entries(session, Wanted(program.email), 9)) == 1


def test_the_page_finds_by_who_what_and_when(app: Flask, admin: Browser):
    record(app, "filter-a@example.org", action="role-changed")
    record(app, "filter-b@example.org")

    def shown(**filters: str) -> set[str]:
        page = admin.get("/settings/audit", query_string=filters).text
        return {name for name in ("filter-a", "filter-b") if f">{name}@example.org" in page}

    assert shown(who="FILTER-") == {"filter-a", "filter-b"}
    assert shown(who="filter-", action="role-changed") == {"filter-a"}
    assert shown(who="filter-", since="2026-01-01", until="9998-01-01") == {"filter-a", "filter-b"}
    assert shown(who="filter-", until="2020-01-01") == set()
    assert shown(who="filter_") == set()  # no wildcard
    assert "No entry fits these filters." in admin.page


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "9999-12-31", "0000-00-00", "2026-01-01T00:00"])
def test_a_day_that_is_none_is_said(admin: Browser, day: str):
    page = admin.get("/settings/audit", query_string={"until": day, "who": "ada"})

    assert page.status_code == 422
    assert "must be a day such as" in page.text
    assert 'value="ada"' in page.text
    assert admin.get("/settings/audit.jsonl", query_string={"until": day}).status_code == 422


def test_a_long_log_comes_in_pages_each_entry_once(app: Flask, admin: Browser):
    record(app, "many@example.org", times=120)

    url, pages = "/settings/audit?who=many@", []
    while url:
        page = admin.get(url).text
        pages.append(page.count(">many@example.org<"))
        url = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""

    assert pages == [50, 50, 20]


def test_the_export_is_json_lines_oldest_first_and_tells_of_itself(app: Flask, admin: Browser):
    record(app, "exported@example.org", times=3)

    answer = admin.get("/settings/audit.jsonl?who=exported")

    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["actor"] for row in rows] == ["exported@example.org"] * 3
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.jsonl"'
    with app.extensions["database"].reading() as session:
        told = audit.entries(session, Wanted(admin.email, "audit-exported"), 1)[0]
    assert told.detail == {"who": "exported"}


def test_nothing_that_was_typed_forges_an_entry(app: Flask, admin: Browser):
    record(app, "hostile@example.org", subject=HOSTILE, detail={"note": HOSTILE})

    lines = admin.get("/settings/audit.jsonl?who=hostile").text.splitlines()
    page = admin.get("/settings/audit?who=hostile").text

    assert len(lines) == 1
    assert json.loads(lines[0])["subject"] == HOSTILE
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_programs_of_administrators_read_it_by_cursor(app: Flask):
    record(app, "by-api@example.org", times=3)
    program = program_of(app, "admin", scope="admin")

    first = program.get("/api/v1/audit?who=by-api&limit=2")
    second = program.get(first.headers["Link"].split(">")[0].removeprefix("<"))

    assert [len(first.json), len(second.json)] == [2, 1]
    assert "Link" not in second.headers
    assert first.json[0]["id"] > first.json[1]["id"] > second.json[0]["id"]


@pytest.mark.parametrize(("role", "scope"), [("admin", "run"), ("admin", "read"), ("operator", "admin")])
def test_nobody_elses_program_reads_it(app: Flask, role: str, scope: str):
    assert program_of(app, role, scope).get("/api/v1/audit").status_code == 403
