"""Signing in and out."""

import pytest
from flask import Flask

from store.audit import Wanted, entries
from store.database import Database
from store.people import person_by_email, rehash_password
from tests.app.conftest import PASSWORD, Browser, person


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Somebody with an account, at the sign-in page."""
    browser = Browser(app.test_client(), person(app, "runner"))
    browser.get("/sign-in")
    return browser


def good(visitor: Browser) -> dict[str, str]:
    return {"email": visitor.email, "password": PASSWORD}


def disable(database: Database, email: str) -> None:
    with database.writing() as session:
        user = person_by_email(session, email)
        assert user is not None
        user.active = False


def test_the_right_password_opens(visitor: Browser):
    page = visitor.post("/sign-in", good(visitor), follow=True)

    assert page.status_code == 200
    assert visitor.email in page.text


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"email": "nobody@example.org"}, {"password": ""}, {"email": ""}]
)
def test_a_wrong_address_and_a_wrong_password_read_alike(visitor: Browser, wrong: dict[str, str]):
    page = visitor.post("/sign-in", good(visitor) | wrong)

    assert page.status_code == 422
    assert "That e-mail address and password do not belong together." in page.text
    assert PASSWORD not in page.text


@pytest.mark.parametrize("chars", [129, 4097, 900_000])
def test_a_password_longer_than_any_is_refused_in_words(visitor: Browser, chars: int):
    page = visitor.post("/sign-in", good(visitor) | {"password": "x" * chars})

    assert page.status_code == 422
    assert "must have at most 128 characters" in page.text


def test_an_address_that_no_database_holds_is_a_wrong_one(each_app: Flask):
    browser = Browser(each_app.test_client(), person(each_app, "runner"))
    browser.get("/sign-in")

    page = browser.post("/sign-in", {"email": "a\0b@example.org", "password": PASSWORD})

    assert page.status_code == 422
    assert "do not belong together" in page.text


def test_a_disabled_account_does_not_sign_in(visitor: Browser, database: Database):
    disable(database, visitor.email)

    assert visitor.post("/sign-in", good(visitor)).status_code == 422


def test_disabling_an_account_ends_its_session(runner: Browser, database: Database):
    disable(database, runner.email)

    assert runner.get("/").status_code == 302


def test_the_page_that_was_asked_for_comes_after_the_sign_in(visitor: Browser):
    to_sign_in = visitor.get("/jobs/new?workload=wait").location
    visitor.get(to_sign_in)

    assert visitor.post(to_sign_in, good(visitor)).location == "/jobs/new?workload=wait"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//[",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "evil.example",
    ],
)
def test_no_sign_in_leads_to_another_site(visitor: Browser, wanted: str):
    answer = visitor.post("/sign-in", good(visitor), query_string={"next": wanted})

    assert answer.location == "/"


def test_signing_out_ends_a_copied_cookie_too(app: Flask, runner: Browser):
    cookie = runner.client.get_cookie("dynometer")
    assert cookie is not None
    runner.get("/")

    assert runner.post("/sign-out").location == "/sign-in"

    thief = app.test_client()
    thief.set_cookie("dynometer", cookie.value)
    assert thief.get("/").status_code == 302


def test_nothing_of_the_session_before_survives_the_sign_in(visitor: Browser):
    planted = visitor.client.get_cookie("dynometer")
    assert planted is not None
    token_before = visitor.csrf_token()
    visitor.post("/sign-in", good(visitor))
    visitor.page = ""

    answer = visitor.client.post("/sign-out", data={"csrf_token": token_before})

    assert answer.status_code == 400


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Browser):
    cookie = visitor.post("/sign-in", good(visitor)).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_is_bound_to_this_host(make_app, make_database):
    app = make_app(make_database("sqlite"), proxy_hops=1)

    answer = app.test_client().get("/setup", headers={"X-Forwarded-Proto": "https"})

    assert answer.headers["Set-Cookie"].startswith("__Host-dynometer=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_without_a_proxy_its_headers_are_not_believed(app: Flask):
    answer = app.test_client().get(
        "/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    )

    assert "Secure" not in answer.headers["Set-Cookie"]


def test_a_fragment_sends_the_whole_page_to_the_sign_in(app: Flask):
    answer = app.test_client().get("/jobs/1/live", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_too_many_at_once_are_asked_to_wait(visitor: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.passwords.HASHING_WAIT_S", 0.0)
    monkeypatch.setattr("app.passwords._hashing", EverBusy())

    page = visitor.post("/sign-in", good(visitor))

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "5"
    assert "Too many people sign in" in page.text


class EverBusy:
    def acquire(self, timeout: float) -> bool:
        return False


@pytest.mark.parametrize(("typed", "kept"), [(" Nobody@Example.org ", True), ("my secret phrase 9", False)])
def test_a_refused_sign_in_is_written_down_under_an_address_and_under_nothing_else(
    app: Flask, database: Database, visitor: Browser, typed: str, kept: bool
):
    visitor.post("/sign-in", {"email": typed, "password": "wrong"})

    with database.reading() as session:
        assert entries(session, Wanted(action="sign-in-refused"), 1)[0].subject == (typed.strip() if kept else "")


def test_a_hash_made_stronger_takes_the_place_of_the_one_that_was_judged_and_of_no_other(
    app: Flask, database: Database, visitor: Browser
):
    with database.writing() as session:
        user = person_by_email(session, visitor.email)
        assert user is not None
        user.password = "changed meanwhile"

    with database.writing() as session:
        rehash_password(session, user.id, "the one that was judged", "the same, hashed anew")

    with database.reading() as session:
        user = person_by_email(session, visitor.email)
        assert user is not None
        assert user.password == "changed meanwhile"
