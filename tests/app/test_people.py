"""People: roles given and taken, accounts shut out, and an administrator always left."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store import passkeys
from store.account_models import Role, User
from store.accounts import service_account
from store.audit import Wanted, entries
from store.database import Database
from store.members import Member, members, set_role
from store.people import add_person, has_admin, person_by_email
from store.quotas import Override
from tests.app.conftest import PASSWORD, Browser, person, program_of, signed_in


def user_id(app: Flask, email: str) -> int:
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, email)
    assert user is not None
    return user.id


def member(app: Flask, email: str) -> Member:
    with app.extensions["database"].reading() as session:
        return next(row for row in members(session, 1000, part=email) if row.user.email == email)


def did(app: Flask, action: str, subject: str) -> list[dict[str, str] | None]:
    """The details of the entries that tell of it."""
    with app.extensions["database"].reading() as session:
        return [entry.detail for entry in entries(session, Wanted(action=action), 1000) if entry.subject == subject]


@pytest.fixture
def lone_admin(fresh_app: Flask) -> Browser:
    """The only administrator of an app of their own."""
    return signed_in(fresh_app, "admin")


def test_everybody_is_listed_with_what_they_do(app: Flask):
    admin, somebody = signed_in(app, "admin"), program_of(app, "operator")
    somebody.get("/api/v1/jobs")

    page = admin.get(f"/settings/people?part={somebody.email}").text

    assert somebody.email in page
    assert "operator" in page
    assert "just now" in page  # the token was used
    assert admin.email not in page.split("<main")[1]


def test_a_role_is_given_and_counts_from_the_next_request(app: Flask):
    admin, viewer = signed_in(app, "admin"), signed_in(app, "viewer")
    assert viewer.get("/jobs/new?workload=wait").status_code == 403

    for _ in range(2):  # a double click
        answer = admin.post(f"/settings/people/{user_id(app, viewer.email)}/role", {"role": "runner"})
        assert answer.status_code == 303

    assert viewer.get("/jobs/new?workload=wait").status_code == 200
    assert did(app, "role-changed", viewer.email) == [{"from": "viewer", "to": "runner"}]


def test_a_role_that_is_none_is_refused_in_words(app: Flask):
    admin, viewer = signed_in(app, "admin"), person(app, "viewer")

    page = admin.post(f"/settings/people/{user_id(app, viewer)}/role", {"role": "emperor"})

    assert page.status_code == 422
    assert "must be one of those listed" in page.text
    assert member(app, viewer).role == "viewer"


def test_who_is_disabled_is_out_at_once_in_browsers_and_programs(app: Flask):
    admin, runner, program = signed_in(app, "admin"), signed_in(app, "runner"), program_of(app, "runner")

    for email in (runner.email, program.email):
        for _ in range(2):
            assert admin.post(f"/settings/people/{user_id(app, email)}/disable").status_code == 303

    assert runner.get("/jobs").status_code == 302
    assert program.get("/api/v1/jobs").status_code == 401
    assert len(did(app, "account-disabled", runner.email)) == 1


def test_who_is_enabled_again_must_sign_in_anew(app: Flask):
    admin, runner = signed_in(app, "admin"), signed_in(app, "runner")
    admin.post(f"/settings/people/{user_id(app, runner.email)}/disable")

    admin.post(f"/settings/people/{user_id(app, runner.email)}/enable")

    assert member(app, runner.email).user.active
    assert runner.get("/jobs").status_code == 302


def test_the_last_administrator_keeps_the_role(fresh_app: Flask, lone_admin: Browser):
    page = lone_admin.post(f"/settings/people/{user_id(fresh_app, lone_admin.email)}/role", {"role": "viewer"})

    assert page.status_code == 409
    assert f"{lone_admin.email} is the last administrator." in page.text
    assert "make another person an administrator first" in page.text
    assert member(fresh_app, lone_admin.email).role == "admin"


def test_an_administrator_who_cannot_sign_in_is_none_to_be_left_with(make_app: Callable[..., Flask], database_url: str):
    app = make_app(database_url)
    lone = signed_in(app, "admin")
    with app.extensions["database"].writing() as session:
        console = service_account(session)
        console.roles = list(session.scalars(select(Role).where(Role.name == "admin")))
        add_person(session, "by-provider@example.org", None, ["admin"], "https://provider.example 1")
        add_person(session, "disabled@example.org", PASSWORD, ["admin"]).active = False
    url = f"/settings/people/{user_id(app, lone.email)}/role"

    assert lone.post(url, {"role": "viewer"}).status_code == 409

    with app.extensions["database"].writing() as session:
        assert not has_admin_besides(session, lone.email, has_provider=False)
        assert has_admin_besides(session, lone.email, has_provider=True)
        by_key = add_person(session, "by-passkey@example.org", None, ["admin"])
        assert passkeys.add(session, by_key.id, "one", b"", 0, "a key")
    assert lone.post(url, {"role": "viewer"}).status_code == 303


def has_admin_besides(session: Session, email: str, has_provider: bool) -> bool:
    """Whether the first start would be over without this person."""
    user = person_by_email(session, email)
    assert user is not None
    user.active = False
    session.flush()
    found = has_admin(session, has_provider)
    user.active = True
    session.flush()
    return found


def test_nobody_disables_themselves(app: Flask):
    admin = signed_in(app, "admin")
    signed_in(app, "admin")

    page = admin.post(f"/settings/people/{user_id(app, admin.email)}/disable")

    assert page.status_code == 409
    assert "You can&#39;t disable your own account." in page.text
    assert admin.get("/settings/people").status_code == 200


def test_of_two_administrators_who_shut_each_other_out_one_is_left(make_app: Callable[..., Flask], database_url: str):
    app = make_app(database_url)
    first, second = signed_in(app, "admin"), signed_in(app, "admin")
    acts = [
        (first, f"/settings/people/{user_id(app, second.email)}/disable", {}),
        (second, f"/settings/people/{user_id(app, first.email)}/role", {"role": "viewer"}),
    ]
    for browser in (first, second):
        browser.csrf_token()
    both = Barrier(2)

    def act(browser: Browser, url: str, fields: dict[str, str]) -> int:
        both.wait()
        return browser.post(url, fields).status_code

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda given: act(*given), acts))

    with app.extensions["database"].reading() as session:
        left = [row for row in members(session, 10) if row.role == "admin" and row.user.active]
    assert len(left) >= 1


@pytest.mark.parametrize(
    ("judged", "path"), [("app.inviting.typed.line", "invitations"), ("app.pages.settings.limits.read", "limits/1")]
)
def test_who_is_demoted_while_the_request_is_under_way_changes_nothing(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch, judged: str, path: str
):
    admin = signed_in(each_app, "admin")
    admin.get("/settings/tokens")

    def meanwhile(*given: object) -> object:
        with each_app.extensions["database"].writing() as session:
            user = person_by_email(session, admin.email)
            assert user is not None
            set_role(session, user, "viewer")
        return "Ada" if path == "invitations" else Override(open_jobs_max=0)

    monkeypatch.setattr(judged, meanwhile)

    assert admin.post(f"/settings/{path}", {"role": "admin", "note": "Ada"}).status_code == 403

    with each_app.extensions["database"].reading() as session:
        assert entries(session, Wanted(who=admin.email), 9) == []


def test_who_is_no_administrator_sees_none_of_it(app: Flask):
    operator = signed_in(app, "operator")
    menu = operator.get("/settings/tokens").text

    assert "People" not in menu
    for path in ("people", "people/1", "invitations", "audit", "audit.jsonl", "limits/1"):
        assert operator.get(f"/settings/{path}").status_code == 403, path
    person_1 = [f"people/1/{change}" for change in ("role", "disable", "enable", "reset-link", "remove-second-factor")]
    for path in (*person_1, "invitations", "invitations/1/revoke", "limits/1"):
        operator.get("/settings/tokens")
        assert operator.post(f"/settings/{path}", {"role": "admin"}).status_code == 403, path


def test_a_token_opens_no_settings(app: Flask):
    program = program_of(app, "admin", scope="admin")

    assert program.get("/settings/people").status_code == 403
    assert program.post("/settings/invitations", data={"role": "admin"}).status_code == 403
    assert program.post("/settings/tokens", data={"name": "x", "scope": "admin", "days": "90"}).status_code == 403


def test_a_long_list_of_people_comes_in_pages(fresh_app: Flask, lone_admin: Browser):
    with fresh_app.extensions["database"].writing() as session:
        add_many(session, 120)

    seen, url = [], "/settings/people"
    while url:
        page = lone_admin.get(url).text
        seen += [part.split("<")[0] for part in page.split('<a class="row" href="')[1:]]
        url = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""

    assert len(seen) == len(set(seen)) == 121


def add_many(session: Session, count: int) -> None:
    session.add_all(User(email=f"many-{number:03}@example.org", fs_uniquifier=f"u{number}") for number in range(count))


def test_a_strange_address_is_only_text(app: Flask):
    admin, viewer = signed_in(app, "admin"), person(app, "viewer")
    number = user_id(app, viewer)
    database: Database = app.extensions["database"]
    with database.writing() as session:
        session.execute(update(User).where(User.id == number).values(email="<b>\u202ex@example.org"))

    for path in (f"people/{number}", "people?part=%3Cb%3E", f"limits/{number}"):
        page = admin.get(f"/settings/{path}").text
        assert "&lt;b&gt;" in page
        assert "<b>" not in page


def test_a_link_to_a_new_password_is_made_and_works_once(app: Flask):
    admin, forgetful = signed_in(app, "admin"), person(app, "runner")
    page = admin.post(f"/settings/people/{user_id(app, forgetful)}/reset-link")
    found = re.search(r'value="http://localhost(/[\w-]+)#([^"]+)"', page.text)
    assert found is not None
    new = "another horse and its battery"

    for status in (303, 422):
        browser = Browser(app.test_client())
        browser.get(found[1])
        assert browser.post(found[1], {"code": found[2], "password": new, "again": new}).status_code == status

    assert did(app, "reset-link-made", forgetful) == [None]
    assert found[2] not in admin.get(f"/settings/people/{user_id(app, forgetful)}").text


def test_who_is_shut_out_gets_no_link(app: Flask):
    admin, runner = signed_in(app, "admin"), person(app, "runner")
    admin.post(f"/settings/people/{user_id(app, runner)}/disable")

    page = admin.post(f"/settings/people/{user_id(app, runner)}/reset-link")

    assert page.status_code == 409
    assert "Nobody can sign in as this account." in page.text
