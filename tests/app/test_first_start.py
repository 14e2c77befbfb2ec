"""The first start: one code, one administrator, once."""

import pytest
from flask import Flask

from store.accounts import new_setup_code
from tests.app.conftest import PASSWORD, Browser

FORM = {"email": "Ada@Example.org", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def setup_code(fresh_app: Flask) -> str:
    with fresh_app.extensions["database"].writing() as session:
        return new_setup_code(session)


def test_the_code_makes_the_first_administrator_and_signs_in(make_app, database_url: str):
    app = make_app(database_url)
    with app.extensions["database"].writing() as session:
        code = new_setup_code(session)
    browser = Browser(app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {**FORM, "code": code}, follow=True)

    assert page.status_code == 200
    assert "Start your first job" in page.text
    assert "ada@example.org" in page.text


def test_the_code_works_once(fresh_app: Flask, setup_code: str):
    first, second = Browser(fresh_app.test_client()), Browser(fresh_app.test_client())
    first.get("/setup")
    second.get("/setup")
    first.post("/setup", {**FORM, "code": setup_code})

    refused = second.post("/setup", {**FORM, "email": "eve@example.org", "code": setup_code})

    assert refused.status_code == 422
    assert "There is an administrator already" in refused.text


def test_a_wrong_code_says_so_and_keeps_the_address(fresh_app: Flask, setup_code: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {**FORM, "code": "guessed"})

    assert page.status_code == 422
    assert "is not valid" in page.text
    assert 'value="Ada@Example.org"' in page.text
    assert PASSWORD not in page.text


def test_a_wrong_try_does_not_use_up_the_code(fresh_app: Flask, setup_code: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")
    browser.post("/setup", {**FORM, "code": "guessed"})

    page = browser.post("/setup", {**FORM, "code": setup_code}, follow=True)

    assert "Start your first job" in page.text


def test_a_short_password_is_refused_in_words(fresh_app: Flask, setup_code: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {**FORM, "password": "short", "again": "short", "code": setup_code})

    assert page.status_code == 422
    assert "at least 12 characters" in page.text


def test_until_then_the_sign_in_leads_to_the_setup(fresh_app: Flask):
    assert fresh_app.test_client().get("/sign-in").location == "/setup"
