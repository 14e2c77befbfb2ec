"""One's own password: changed by who knows the present one, or by a link from an administrator."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import account_of
from app.reset import reset_link
from store import account_changes, members, passkeys
from store.account_models import User
from store.accounts import create_token
from store.database import Database
from store.people import person_by_email
from tests.app.conftest import PASSWORD, Browser, Program, person, program_of
from tests.app.test_sessions import is_in

NEW = "seven turnips swim"
FORM = {"present": PASSWORD, "password": NEW, "again": NEW}


def opens(app: Flask, email: str, password: str) -> bool:
    browser = Browser(app.test_client())
    browser.get("/sign-in")
    return browser.post("/sign-in", {"email": email, "password": password}).status_code == 303


def link_for(app: Flask, email: str, maker_email: str = "") -> str:
    """The code of a link that an administrator made."""
    maker_email = maker_email or person(app, "admin")
    with app.test_request_context(), app.extensions["database"].reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        maker = account_of(person_by_email(session, maker_email))
        assert maker is not None
        link = reset_link(session, user_id, maker)
    assert link is not None
    assert link.startswith("http://localhost/reset#")
    return link.partition("#")[2]


def test_the_new_password_opens_and_the_old_one_does_not(app: Flask, runner: Browser):
    runner.get("/settings/profile")

    page = runner.post("/settings/profile/password", FORM, follow=True)

    assert "Your password is changed" in page.text
    assert "Your password is changed" not in runner.get("/settings/profile").text
    assert opens(app, runner.email, NEW)
    assert not opens(app, runner.email, PASSWORD)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"present": "wrong"}, "is not your present password"),
        ({"present": ""}, "is not your present password"),
        ({"again": "another one"}, "must be the same password"),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "Password1234!", "again": "Password1234!"}, "among the first that guessing programs try"),
        ({"present": "x" * 900_000}, "must have at most 128 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(app: Flask, runner: Browser, change: dict[str, str], words: str):
    runner.get("/settings/profile")

    page = runner.post("/settings/profile/password", FORM | change)

    assert page.status_code == 422
    assert words in page.text
    assert "still the old one" in page.text
    assert PASSWORD not in page.text
    assert opens(app, runner.email, PASSWORD)


def test_a_session_left_open_is_no_place_to_guess_the_password(runner: Browser):
    runner.get("/settings/profile")

    statuses = [runner.post("/settings/profile/password", FORM | {"present": "x"}).status_code for _ in range(7)]

    assert statuses == [422] * 6 + [429]


def test_the_link_gives_a_new_password_once(app: Flask, runner: Browser):
    code = link_for(app, runner.email)
    browser = Browser(app.test_client())
    browser.get("/reset")

    done = browser.post("/reset", {"code": code, "password": NEW, "again": NEW})

    assert done.location == "/sign-in"
    assert not is_in(runner)
    assert opens(app, runner.email, NEW)
    browser.get("/reset")
    again = browser.post("/reset", {"code": code, "password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 422
    assert "is not valid (any more)" in again.text
    assert opens(app, runner.email, NEW)


@pytest.mark.parametrize("code", ["", "guessed", "W10.x.y", "\0", "\N{PILE OF POO}", "#" * 9000])
def test_a_made_up_code_changes_nothing(app: Flask, code: str):
    browser = Browser(app.test_client())
    browser.get("/reset")

    page = browser.post("/reset", {"code": code, "password": NEW, "again": NEW})

    assert page.status_code == 422
    assert "ask your administrator for a new link" in page.text


def test_a_link_ends_with_the_sessions_and_with_the_account(app: Flask, database: Database):
    email = person(app, "runner")
    with database.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
    before = link_for(app, email)
    with database.writing() as session:
        account_changes.end_sessions(session, user_id)
    later = link_for(app, email)
    with database.writing() as session:
        account_changes.set_active(session, user_id, False)

    for code in (before, later):
        browser = Browser(app.test_client())
        browser.get("/reset")
        assert browser.post("/reset", {"code": code, "password": NEW, "again": NEW}).status_code == 422
    with app.test_request_context(), database.reading() as session:
        maker = account_of(person_by_email(session, email))
        assert maker is not None
        assert reset_link(session, user_id, maker) is None


@pytest.mark.parametrize("change", ["end the sessions", "disable", "take the role"])
def test_a_link_ends_with_its_maker_s_power(app: Flask, database: Database, change: str):
    email, maker_email = person(app, "runner"), person(app, "admin")
    code = link_for(app, email, maker_email)
    with database.writing() as session:
        maker = person_by_email(session, maker_email)
        assert maker is not None
        if change == "end the sessions":
            account_changes.end_sessions(session, maker.id)
        elif change == "disable":
            account_changes.set_active(session, maker.id, False)
        else:
            members.set_role(session, maker, "operator")
    browser = Browser(app.test_client())
    browser.get("/reset")

    assert browser.post("/reset", {"code": code, "password": NEW, "again": NEW}).status_code == 422
    assert opens(app, email, PASSWORD)


def test_the_link_takes_tokens_and_passkeys_along(app: Flask, database: Database):
    program = program_of(app, "runner")
    with database.writing() as session:
        owner = person_by_email(session, program.email)
        assert owner is not None
        assert passkeys.add(session, owner.id, "of-a-lost-device", b"", 0, "a key")
    browser = Browser(app.test_client())
    browser.get("/reset")

    browser.post("/reset", {"code": link_for(app, program.email), "password": NEW, "again": NEW})

    assert program.get("/api/v1/jobs").status_code == 401
    with database.reading() as session:
        assert passkeys.passkeys_of(session, owner.id) == []


@pytest.mark.parametrize(("ticked", "status"), [({"tokens": "revoke"}, 401), ({}, 200)])
def test_a_new_password_revokes_tokens_where_its_owner_wants_that(
    app: Flask, database: Database, runner: Browser, ticked: dict[str, str], status: int
):
    with database.writing() as session:
        owner = person_by_email(session, runner.email)
        assert owner is not None
        program = Program(app.test_client(), create_token(session, owner.id, "nightly"), runner.email)
    assert 'name="tokens" value="revoke" checked' in runner.get("/settings/profile").text

    runner.post("/settings/profile/password", FORM | ticked)

    assert program.get("/api/v1/jobs").status_code == status
