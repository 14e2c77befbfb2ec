"""Every form, with what nobody should type into it: answered in words, and what was refused changed nothing.

On PostgreSQL, which keeps less than SQLite does.  Proven elsewhere: that markup in jobs, names, notes and addresses
stays text (test_job_pages, test_new_job, test_token_pages, test_people, test_audit), two who use one invitation at once
(test_invitations), two administrators who shut each other out (test_people), guesses at once (test_tries).
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import codes
from app.accounts import account_of
from app.reset import reset_link
from store.account_models import SecondFactor, User
from store.accounts import new_setup_code
from store.invitations import invite
from store.people import person_by_email
from tests.app.conftest import PASSWORD, Browser, numbers, person, signed_in

pytestmark = pytest.mark.services
ANSWERS = {200, 201, 302, 303, 400, 403, 404, 409, 413, 415, 422, 429}
NEW = "seven turnips swim"
HOSTILE = {
    "overlong": "x" * 20_000,
    "emoji": "\N{DUCK}" * 40,
    "right to left": "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd",
    "control characters": "a\x01\x1b[31m\x7f\x85b",
    "NUL": "a\0b",
    "markup": "<script>alert(1)</script>'\"&{{7*7}}",
    "header": "a\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>",
    "digits": "9" * 400,
    "foreign digits": "\u0663",
    "half a pair": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe",
    "blank": " \t ",
    "another site": "//evil.example/\\evil.example",
    "no URL": "http://[",
}
SAME = ("password", "again")  # typed alike, else nothing else is looked at
TELLING = ("overlong", "NUL", "markup", "half a pair")  # for one field alone; all of them get all kinds


@dataclass
class Form:
    """A form, opened by somebody who may send it."""

    browser: Browser
    action: str
    fields: dict[str, Any] = field(default_factory=dict)
    by_get: bool = False

    def send(self, changes: dict[str, Any] | None = None) -> TestResponse:
        given = {name: value for name, value in {**self.fields, **(changes or {})}.items() if value is not None}
        if self.by_get:
            return self.browser.get(self.action, query_string=given)
        return self.browser.post(self.action, given)


def id_of(app: Flask, email: str) -> int:
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, email)
    assert user is not None
    return user.id


def stranger(app: Flask, page: str) -> Browser:
    browser = Browser(app.test_client())
    browser.get(page)
    return browser


def at(app: Flask, role: str, page: str) -> Browser:
    browser = signed_in(app, role)
    browser.get(page)
    return browser


def number_in(browser: Browser) -> str:
    """Of the form on the page that is open."""
    found = re.search(r'name="form" value="([^"]+)"', browser.page)
    assert found is not None
    return found[1]


def join_form(app: Flask) -> Form:
    code = f"code-{next(numbers)}"
    with app.extensions["database"].writing() as session:
        inviter = session.query(User).order_by(User.id).first()
        assert inviter is not None
        invite(session, inviter.id, "viewer", "", code)
    email = f"joins-{next(numbers)}@example.org"
    return Form(stranger(app, "/join"), "/join", {"code": code, "email": email, "password": NEW, "again": NEW})


def reset_form(app: Flask) -> Form:
    user_id, maker_email = id_of(app, person(app, "viewer")), person(app, "admin")
    with app.test_request_context(), app.extensions["database"].reading() as session:
        maker = account_of(person_by_email(session, maker_email))
        assert maker is not None
        link = reset_link(session, user_id, maker)
    assert link is not None
    return Form(stranger(app, "/reset"), "/reset", {"code": link.partition("#")[2], "password": NEW, "again": NEW})


def sign_in_form(app: Flask) -> Form:
    return Form(stranger(app, "/sign-in"), "/sign-in", {"email": person(app, "viewer"), "password": PASSWORD})


def second_step_form(app: Flask) -> Form:
    browser, email = Browser(app.test_client()), person(app, "viewer")
    with app.extensions["database"].writing() as session, app.app_context():
        user = person_by_email(session, email)
        assert user is not None
        who = user.fs_uniquifier
        sealed = codes.sealed(codes.new_secret())
        session.add(SecondFactor(user_id=user.id, secret=sealed, confirmed_at=1.0, recovery_hashes=[]))
    with browser.client.session_transaction() as cookie:
        cookie["half_way"] = {"who": who, "by": "password", "until": datetime.now(UTC).timestamp() + 600}
    browser.get("/sign-in/code")
    return Form(browser, "/sign-in/code", {"code": "000000"})


def password_form(app: Flask) -> Form:
    page = "/settings/profile"
    fields = {"present": PASSWORD, "password": NEW, "again": NEW}
    return Form(at(app, "viewer", page), f"{page}/password", fields)


def job_form(app: Flask) -> Form:
    page = "/jobs/new?workload=factorise"
    browser = at(app, "runner", page)
    fields = {
        "source": "generated", "items": "3", "variant": "python", "max_workers": "2", "parameters.hard_bits": "40",
        "form": number_in(browser),
    }  # fmt: skip
    return Form(browser, page, fields)


def pasted_form(app: Flask) -> Form:
    page = "/jobs/new?workload=factorise"
    browser = at(app, "runner", page)
    return Form(browser, page, {"form": number_in(browser), "source": "pasted", "lines": "12\n15\n"})


def file_form(app: Flask) -> Form:
    page = "/jobs/new?workload=factorise"
    browser = at(app, "runner", page)
    return Form(browser, page, {"form": number_in(browser), "source": "file", "file": (BytesIO(b"12\n"), "n.txt")})


def cancel_form(app: Flask) -> Form:
    browser = at(app, "runner", "/jobs/new?workload=wait")
    job = browser.post("/jobs/new?workload=wait", {"items": "1"}).location
    browser.get(job)
    return Form(browser, f"{job}/cancel", {"sure": "1"})


def token_form(app: Flask) -> Form:
    page = "/settings/tokens"
    browser = at(app, "runner", page)
    wanted = {"name": "mine", "scope": "run", "days": "90", "password": PASSWORD}
    return Form(browser, page, {"form": number_in(browser), **wanted})


def invitation_form(app: Flask) -> Form:
    page = "/settings/invitations"
    browser = at(app, "admin", page)
    return Form(browser, page, {"form": number_in(browser), "role": "runner", "note": "Ada"})


def role_form(app: Flask) -> Form:
    page = f"/settings/people/{id_of(app, person(app, 'viewer'))}"
    return Form(at(app, "admin", page), f"{page}/role", {"role": "runner"})


def quota_form(app: Flask) -> Form:
    page = f"/settings/limits/{id_of(app, person(app, 'viewer'))}"
    fields = {"open_jobs_max": "5", "open_items_max": "1000", "stored_mb_max": "10"}
    return Form(at(app, "admin", page), page, fields)


def passkey_form(app: Flask) -> Form:
    page = "/settings/security/passkeys"
    return Form(at(app, "viewer", f"{page}/add"), f"{page}/question", {"name": "mine", "password": PASSWORD})


def codes_form(app: Flask) -> Form:
    page = "/settings/security/codes/set-up"
    return Form(at(app, "viewer", page), page, {"password": PASSWORD})


def appearance_form(app: Flask) -> Form:
    return Form(stranger(app, "/sign-in"), "/appearance", {"theme": "dark", "keys": "off", "next": "/sign-in"})


def audit_form(app: Flask) -> Form:
    fields = {"who": "ada", "action": "signed-in", "since": "2026-01-01", "until": "2026-12-31", "before": "7"}
    return Form(at(app, "admin", "/settings/audit"), "/settings/audit", fields, by_get=True)


def jobs_filter(app: Flask) -> Form:
    fields = {
        "q": "wait", "state": "open", "workload": "wait", "mine": "1", "sort": "items", "after": "7~7", "before": "9~9",
    }  # fmt: skip
    return Form(at(app, "operator", "/jobs"), "/jobs", fields, by_get=True)


def people_filter(app: Flask) -> Form:
    return Form(at(app, "admin", "/"), "/settings/people", {"part": "ada", "after": "a"}, by_get=True)


def limits_filter(app: Flask) -> Form:
    return Form(at(app, "admin", "/"), "/settings/limits", {"after": "a"}, by_get=True)


def filled_in(app: Flask) -> Form:
    fields = {"workload": "wait", "items": "1", "parameters.seconds": "1", "variant": "python", "source": "own"}
    return Form(at(app, "runner", "/"), "/jobs/new", fields, by_get=True)


OPEN: list[Callable[[Flask], Form]] = [
    join_form, reset_form, sign_in_form, second_step_form, password_form, job_form, pasted_form, cancel_form,
    token_form, invitation_form, role_form, quota_form, passkey_form, codes_form, appearance_form,
    audit_form, jobs_filter, people_filter, limits_filter, filled_in,
]  # fmt: skip
TABLES = ('"user"', "user_role", "token", "invitation", "quota", "passkey", "second_factor", "setup_code", "job",
          "upload", "idempotency_key")  # fmt: skip
ROWS = " UNION ALL ".join(f"SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {table} t" for table in TABLES)


def state(app: Flask) -> list[str]:
    """Of all that forms change; not the log, the counted tries and the sign-ins."""
    with app.extensions["database"].reading() as session:
        return [str(row) for row in session.execute(text(ROWS))]


@pytest.fixture
def app_(app_on_postgresql: Flask, postgres: object) -> Flask:
    person(app_on_postgresql, "admin")
    return app_on_postgresql


@pytest.fixture
def setup_app(make_app: Callable[..., Flask], make_database: Callable[[str], str]) -> Flask:
    """Before its first administrator."""
    return make_app(make_database("postgresql"))


def setup_form(app: Flask) -> Form:
    with app.extensions["database"].writing() as session:
        code = new_setup_code(session)
    fields = {"code": code, "email": "first@example.org", "password": NEW, "again": NEW}
    return Form(stranger(app, "/setup"), "/setup", fields)


def check(app: Flask, answer: TestResponse, before: list[str], what: object) -> None:
    """It is an answer in words, nothing of the input acts in it, and what is refused changed nothing."""
    assert answer.status_code in ANSWERS, (what, answer.status)
    assert "Traceback" not in answer.text, what
    assert "<script>alert" not in answer.text, what
    assert "49" not in re.findall(r"7\*7\}\}|&#34;&amp;(\d+)", answer.text), what
    assert "evil" not in " ".join(answer.headers.getlist("Set-Cookie")), what
    assert not (answer.location or "").startswith(("//", "http", "/\\")), what
    if answer.status_code >= 400:
        assert state(app) == before, what
        words = answer.text if answer.mimetype == "text/html" else answer.json["error"]
        assert re.search(r"[a-z]+ [a-z]+", words), what


def variations(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what it is, changed fields): all fields hostile in each way, then each alone in some, and missing."""
    yield from ((kind, dict.fromkeys(form.fields, value)) for kind, value in HOSTILE.items())
    for name in () if form.by_get else form.fields:
        alike = SAME if name == "password" and "again" in form.fields else (name,)
        yield from ((f"{name}: {kind}", dict.fromkeys(alike, HOSTILE[kind])) for kind in TELLING)
        yield f"{name}: missing", {name: None}


@pytest.mark.parametrize("open_form", OPEN)
def test_a_hostile_or_missing_field_is_answered_in_words(app_: Flask, open_form: Callable[[Flask], Form]):
    form = open_form(app_)
    before = state(app_)
    for what, changes in variations(form):
        answer = form.send(changes)

        check(app_, answer, before, what)
        if form.by_get:
            assert state(app_) == before, what
        elif answer.status_code < 400 or answer.status_code == 429:  # it was taken, or asked for too often
            form = open_form(app_)
            before = state(app_)


def test_a_hostile_or_missing_field_of_the_first_form_is_answered_in_words(setup_app: Flask):
    form = setup_form(setup_app)
    for what, changes in variations(form):
        if set(changes) == set(SAME) and changes["password"]:
            continue  # some of these are passwords
        before = state(setup_app)

        check(setup_app, form.send(changes), before, what)

    assert form.send().status_code == 303


@pytest.mark.parametrize("open_form", OPEN)
def test_no_field_and_every_field_twice_is_answered_in_words(app_: Flask, open_form: Callable[[Flask], Form]):
    form = open_form(app_)
    before = state(app_)
    check(app_, form.send(dict.fromkeys(form.fields)), before, "none at all")
    form = open_form(app_)
    before = state(app_)

    answer = form.send({name: [value, HOSTILE["markup"]] for name, value in form.fields.items()})

    check(app_, answer, before, "twice")
    assert answer.status_code == open_form(app_).send().status_code  # the first one counts


@pytest.mark.parametrize("open_form", [*(each for each in OPEN if each is not codes_form), file_form])
def test_a_form_that_is_sent_again_changes_nothing_more(app_: Flask, open_form: Callable[[Flask], Form]):
    """But for an authenticator app that is not confirmed: setting it up again begins anew, on purpose."""
    form = open_form(app_)
    page = form.browser.page
    form.send()
    before = state(app_)
    form.browser.page = page  # back, and the button once more
    if "file" in form.fields:
        form.fields["file"] = (BytesIO(b"12\n"), "n.txt")

    answer = form.send()

    check(app_, answer, before, "replayed")
    assert state(app_) == before


@pytest.mark.parametrize(
    "open_form", [join_form, reset_form, password_form, job_form, pasted_form, cancel_form, token_form, invitation_form,
                  role_form, quota_form],
)  # fmt: skip
def test_two_presses_at_the_same_moment_are_one(app_: Flask, open_form: Callable[[Flask], Form]):
    form, both = open_form(app_), Barrier(2)
    token, counted = form.browser.csrf_token(), counts(app_)
    cookie = form.browser.client.get_cookie("dynometer")
    assert cookie is not None

    def press(_: int) -> TestResponse:
        client = app_.test_client(use_cookies=False)
        both.wait()
        data = {"csrf_token": token, **form.fields}
        return client.post(form.action, data=data, headers={"Cookie": f"dynometer={cookie.value}"})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, range(2)))

    assert {answer.status_code for answer in answers} <= ANSWERS, answers
    assert any(answer.status_code in (201, 303) for answer in answers), answers
    more = [after - before for before, after in zip(counted, counts(app_), strict=True)]
    assert set(more) <= {0, 1}, dict(zip(COUNTED, more, strict=True))
    assert more[COUNTED.index("job")] == (open_form in (job_form, pasted_form))


COUNTED = ('"user"', "token", "invitation", "quota", "job", "idempotency_key")


def counts(app: Flask) -> list[int]:
    with app.extensions["database"].reading() as session:
        return [int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in COUNTED]


def test_two_first_administrators_at_the_same_moment_are_one(setup_app: Flask):
    form = setup_form(setup_app)
    second, both = stranger(setup_app, "/setup"), Barrier(2)

    def press(browser: Browser, email: str) -> int:
        both.wait()
        return browser.post("/setup", {**form.fields, "email": email}).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(press, (form.browser, second), ("ada@example.org", "bob@example.org")))

    assert sorted(statuses) == [303, 422]
    assert counts(setup_app)[0] == 1


def test_a_form_one_byte_over_the_limit_is_refused(app_: Flask):
    limit = app_.extensions["settings"].body_max_bytes
    browser = at(app_, "runner", "/settings/tokens")
    fields = {"csrf_token": browser.csrf_token(), "scope": "read", "days": "7", "name": "x"}
    start = "&".join(f"{name}={value}" for name, value in fields.items())
    kind, before = "application/x-www-form-urlencoded", state(app_)

    over = browser.client.post("/settings/tokens", data=start + "x" * (limit + 1 - len(start)), content_type=kind)
    just = browser.client.post("/settings/tokens", data=start + "x" * (limit - len(start)), content_type=kind)

    assert (over.status_code, just.status_code) == (413, 422)
    assert "1,000,000 bytes" in over.text
    assert state(app_) == before
