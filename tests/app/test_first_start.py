"""The first start: one code, one administrator, once."""

import re

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


@pytest.mark.parametrize("password", ["Password1234!", "ada@example.org", "qwertyuiop12"])
def test_a_password_that_is_tried_first_is_refused_in_words(fresh_app: Flask, setup_code: str, password: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {**FORM, "password": password, "again": password, "code": setup_code})

    assert page.status_code == 422
    assert "among the first that guessing programs try" in page.text


def test_until_then_the_sign_in_leads_to_the_setup(fresh_app: Flask):
    assert fresh_app.test_client().get("/sign-in").location == "/setup"


def test_every_wrong_field_is_named_at_once(fresh_app: Flask, setup_code: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {"code": "guessed", "email": "ada", "password": "short", "again": "short"})

    assert page.status_code == 422
    for name, words in (("code", "is not valid"), ("email", "must look like"), ("password", "must have at least 12")):
        assert re.search(rf'id="{name}-wrong">{words}', page.text), name
    assert "What you typed is kept, but for the passwords." in page.text
    assert browser.post("/setup", {**FORM, "code": setup_code}).status_code == 303


@pytest.mark.parametrize("password", ["x" * 129, "\N{LATIN SMALL LIGATURE FFI}" * 50, "x" * 5000, "x" * 400_000])
def test_a_password_that_is_too_long_is_refused_in_words(fresh_app: Flask, setup_code: str, password: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    page = browser.post("/setup", {**FORM, "password": password, "again": password, "code": setup_code})

    assert page.status_code == 422
    assert "must have at most 128 characters" in page.text


def test_the_longest_password_of_the_form_is_taken_and_opens(fresh_app: Flask, setup_code: str):
    browser, longest = Browser(fresh_app.test_client()), "".join(chr(0x4E00 + n) for n in range(128))
    assert "12 to 128 characters" in browser.get("/setup").text

    assert browser.post("/setup", {**FORM, "password": longest, "again": longest, "code": setup_code}).location == "/"
    browser.get("/")
    browser.post("/sign-out")

    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": FORM["email"], "password": longest}).location == "/"


def test_after_a_mistake_the_code_stays_out_of_sight_unless_it_is_the_mistake(fresh_app: Flask, setup_code: str):
    browser = Browser(fresh_app.test_client())
    browser.get("/setup")

    wrong_address = browser.post("/setup", {**FORM, "email": "ada", "code": setup_code}).text
    wrong_code = browser.post("/setup", {**FORM, "code": "guessed"}).text

    assert 'class="field filled" data-code-field' in wrong_address
    assert 'class="field" data-code-field' in wrong_code
