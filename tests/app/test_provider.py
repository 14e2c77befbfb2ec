"""Signing in through an OpenID Connect provider that really runs, and its lies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from store.audit import Wanted, entries
from store.people import add_person, person_by_email
from tests.app.conftest import Browser, password_hash, person
from tests.app.test_sessions import is_in

pytest.importorskip("authlib", reason="pip install -r requirements-oidc.txt")

if TYPE_CHECKING:
    from tests.app.provider import Provider


@pytest.fixture(scope="module")
def _provider() -> "Iterator[Provider]":
    from tests.app.provider import provider_running

    with provider_running() as provider:
        yield provider


@pytest.fixture
def provider(_provider: "Provider") -> "Provider":
    """Honest again, whatever the test before made of it."""
    _provider.claims = {"sub": "ada-1", "email": "Ada@Example.org", "email_verified": True}
    _provider.signs_with, _provider.algorithm = _provider.key, "RS256"
    return _provider


@pytest.fixture
def open_app(make_app, make_database, provider: "Provider") -> Flask:
    return app_with(make_app, make_database, provider)


def app_with(make_app, make_database, provider: "Provider", **changes: Any) -> Flask:
    from tests.app.provider import CLIENT, SECRET

    given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, **changes}
    app = make_app(make_database("sqlite"), **given)
    person(app, "admin")
    return app


def asked(browser: Browser) -> str:
    """Where the app sends the visitor."""
    return str(browser.get("/sign-in/provider").location)


def answered(question: str) -> str:
    """Where the provider sends them back to."""
    back = urlsplit(requests.get(question, allow_redirects=False, timeout=10).headers["Location"])
    return f"{back.path}?{back.query}"


def come_in(app: Flask) -> Browser:
    browser = Browser(app.test_client())
    browser.get(answered(asked(browser)))
    return browser


def test_whom_the_provider_vouches_for_comes_in_as_viewer_and_is_known_the_next_time(open_app: Flask):
    first = come_in(open_app)
    second = come_in(open_app)

    assert is_in(first)
    assert is_in(second)
    with open_app.extensions["database"].reading() as session:
        ada = person_by_email(session, "ada@example.org")
        assert ada is not None
        assert ([role.name for role in ada.roles], ada.password) == (["viewer"], None)


def test_the_question_has_state_nonce_and_a_challenge(open_app: Flask):
    question = {
        name: values[0] for name, values in parse_qs(urlsplit(asked(Browser(open_app.test_client()))).query).items()
    }

    assert question["response_type"] == "code"
    assert question["code_challenge_method"] == "S256"
    assert min(len(question[name]) for name in ("state", "nonce", "code_challenge")) >= 20
    assert question["redirect_uri"] == "http://localhost/sign-in/provider/back"


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"}, {"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"exp": 1_000_000_000},
        {"sub": ""}, {"email": ""}, {"email": "no address"}, {"email_verified": False}, {"email_verified": "true"},
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_signs_nobody_in(open_app: Flask, provider: "Provider", lie: dict[str, Any]):
    provider.claims |= lie

    browser = come_in(open_app)

    assert not is_in(browser)


def test_an_answer_signed_by_another_key_signs_nobody_in(open_app: Flask, provider: "Provider"):
    from joserfc.jwk import RSAKey

    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})

    assert not is_in(come_in(open_app))


@pytest.mark.parametrize("signature", ["none", "shared secret"])
def test_a_signature_that_needs_no_private_key_signs_nobody_in(open_app: Flask, provider: "Provider", signature: str):
    from joserfc.jwk import OctKey

    from tests.app.provider import SECRET

    provider.algorithm = "HS256"
    provider.signs_with = None if signature == "none" else OctKey.import_key(SECRET, {"kid": "one"})

    assert not is_in(come_in(open_app))


def test_an_answer_to_somebody_elses_question_signs_nobody_in(open_app: Flask):
    attacker, victim = Browser(open_app.test_client()), Browser(open_app.test_client())
    planted = answered(asked(attacker))

    victim.get(planted)

    assert not is_in(victim)
    with open_app.extensions["database"].reading() as session:
        assert entries(session, Wanted(), 9) == []  # nor does it fill the log


def test_a_strangers_link_back_does_not_sign_anybody_out(open_app: Flask):
    browser = come_in(open_app)

    browser.get("/sign-in/provider/back?state=made-up&code=x")

    assert is_in(browser)


def test_a_new_account_is_in_the_audit_log(open_app: Flask):
    come_in(open_app)

    with open_app.extensions["database"].reading() as session:
        made = entries(session, Wanted(action="account-made"), 9)
    assert [(entry.actor, entry.detail) for entry in made] == [
        ("ada@example.org", {"by": "provider", "role": "viewer"})
    ]


def test_an_answer_works_once(open_app: Flask):
    browser = Browser(open_app.test_client())
    back = answered(asked(browser))
    browser.get(back)
    assert is_in(browser)
    browser.get("/")
    browser.post("/sign-out")

    browser.get(back)

    assert not is_in(browser)


def test_an_account_with_a_password_is_not_taken_over_by_its_address(open_app: Flask):
    with open_app.extensions["database"].writing() as session:
        add_person(session, "ada@example.org", password_hash(), ["admin"])
    browser = Browser(open_app.test_client())

    page = browser.get(answered(asked(browser)), follow_redirects=True)

    assert not is_in(browser)
    assert "You have no account here. Ask an administrator" in page.text


def test_where_nobody_new_is_let_in_that_is_said(make_app, make_database, provider: "Provider"):
    app = app_with(make_app, make_database, provider, oidc_role="")
    browser = Browser(app.test_client())

    page = browser.get(answered(asked(browser)), follow_redirects=True)

    assert "You have no account here. Ask an administrator" in page.text


def test_a_disabled_account_stays_out(open_app: Flask):
    come_in(open_app)
    with open_app.extensions["database"].writing() as session:
        ada = person_by_email(session, "ada@example.org")
        assert ada is not None
        ada.active = False

    assert not is_in(come_in(open_app))


def test_a_provider_that_is_away_is_said_in_words(make_app, make_database, provider: "Provider"):
    app = app_with(make_app, make_database, provider, oidc_issuer="http://127.0.0.1:9")

    page = Browser(app.test_client()).get("/sign-in/provider", follow_redirects=True)

    assert "did not answer as it should" in page.text
    assert "Use your organisation" in page.text
