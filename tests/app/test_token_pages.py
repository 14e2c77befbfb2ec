"""The page of API tokens: a secret is shown once, and revoking asks first."""

import re

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from store.account_models import Token
from store.audit import Wanted, entries
from store.people import person_by_email
from store.tokens import tokens_of
from tests.app.conftest import PASSWORD, Browser, Program, signed_in

PAGE = "/settings/tokens"


def make(browser: Browser, **fields: str) -> TestResponse:
    given = {"form": form_of(browser), "name": "nightly", "scope": "run", "days": "90", "password": PASSWORD}
    return browser.post(PAGE, given | fields)


def form_of(browser: Browser) -> str:
    found = re.search(r'name="form" value="([^"]+)"', browser.get(PAGE).text)
    assert found is not None
    return found[1]


def secret_in(page: TestResponse) -> str:
    assert page.status_code == 201, page.text
    found = re.search(r'value="(dyno_[\w-]{43})"', page.text)
    assert found is not None
    return found[1]


def tokens_kept(app: Flask, browser: Browser) -> list[Token]:
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, browser.email)
        assert user is not None
        return list(tokens_of(session, user.id))


def test_a_token_is_made_shown_once_and_opens_the_api(app: Flask, runner: Browser):
    secret = secret_in(make(runner))

    assert Program(app.test_client(), secret, "").get("/api/v1/jobs").status_code == 200
    assert secret not in runner.get(PAGE).text
    assert "nightly" in runner.page
    assert [token.name for token in tokens_kept(app, runner)] == ["nightly"]


def test_a_form_sent_twice_makes_one_token_and_shows_it_twice(app: Flask, runner: Browser):
    form = form_of(runner)

    secrets = {secret_in(make(runner, form=form)) for _ in range(2)}

    assert len(secrets) == len(tokens_kept(app, runner)) == 1


def test_a_form_from_the_history_shows_its_token_no_more(app: Flask, runner: Browser):
    form = form_of(runner)
    secret = secret_in(make(runner, form=form))
    with app.extensions["database"].writing() as session:
        session.execute(update(Token).values(created_at=0.0))

    page = make(runner, form=form, name="again")

    assert page.status_code == 422
    assert secret not in page.text
    assert 'value="again"' in page.text


def test_somebody_elses_form_makes_another_token(app: Flask, runner: Browser):
    form = form_of(runner)

    assert secret_in(make(runner, form=form)) != secret_in(make(signed_in(app, "runner"), form=form))


@pytest.mark.parametrize("form", ["", "x", "x" * 22, "🦆" * 22])
def test_a_form_without_its_number_makes_a_token_too(app: Flask, runner: Browser, form: str):
    assert Program(app.test_client(), secret_in(make(runner, form=form)), "").get("/api/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "must have 1 to 100 characters"),
        ({"name": "x" * 101}, "must have 1 to 100 characters"),
        ({"name": "a\r\nb"}, "must be one line of visible characters"),
        ({"name": "a\0b"}, "must be one line of visible characters"),
        ({"name": "\u202edaolpu"}, "must be one line of visible characters"),
        ({"scope": "admin"}, "must be one of those listed"),
        ({"password": "wrong"}, "is not your present password"),
        ({"days": "10000"}, "must be one of those listed"),
        ({"days": "forever"}, "must be one of those listed"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_made(app: Flask, runner: Browser, fields: dict[str, str], words: str):
    page = make(runner, **fields)

    assert page.status_code == 422
    assert words in page.text
    assert tokens_kept(app, runner) == []


def test_a_strange_name_is_only_text(runner: Browser):
    page = make(runner, name="<script>alert(1)</script> 🦆")

    assert page.status_code == 201
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🦆" in page.text
    assert "<script>alert" not in page.text


def test_only_administrators_make_tokens_of_administrators(app: Flask):
    admin = signed_in(app, "admin")

    secret = secret_in(make(admin, scope="admin"))

    assert Program(app.test_client(), secret, "").get("/api/v1/audit?limit=1").status_code == 200
    assert 'value="admin"' not in signed_in(app, "operator").get(PAGE).text


def test_a_revoked_token_opens_nothing_however_often_it_is_revoked(app: Flask, runner: Browser):
    secret = secret_in(make(runner))
    revoke = re.findall(rf'action="({PAGE}/\d+/revoke)"', runner.page)[0]

    for _ in range(2):
        assert runner.post(revoke).status_code == 303

    assert Program(app.test_client(), secret, "").get("/api/v1/jobs").status_code == 401
    with app.extensions["database"].reading() as session:
        done = [entry.action for entry in entries(session, Wanted(who=runner.email), 9)]
    assert done == ["token-revoked", "token-made"]


def test_a_strangers_token_is_not_there(app: Flask, runner: Browser):
    make(runner)
    revoke = re.findall(rf'action="({PAGE}/\d+/revoke)"', runner.page)[0]
    stranger = signed_in(app, "admin")
    stranger.get(PAGE)

    assert stranger.post(revoke).status_code == 404
    assert len(tokens_kept(app, runner)) == 1


def test_a_viewer_makes_tokens_that_only_read(app: Flask):
    secret = secret_in(make(signed_in(app, "viewer"), scope="run"))

    assert Program(app.test_client(), secret, "").post("/api/v1/jobs", json={"workload": "wait"}).status_code == 403
