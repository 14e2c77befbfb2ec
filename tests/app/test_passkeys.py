"""Passkeys in a real browser, whose authenticator is a virtual one."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.app.browsing import open_page, serving
from tests.app.conftest import PASSWORD, Browser, person, signed_in

pytestmark = pytest.mark.services


@pytest.fixture
def served_by_name(fresh_app: Flask) -> Iterator[tuple[Flask, str]]:
    """Passkeys are bound to a name, which an IP address is not."""
    with serving(fresh_app, "localhost") as url:
        yield fresh_app, url


def page_with_authenticator(browser: Chromium, said: list[str]) -> Page:
    page = open_page(browser, said)
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_passkey_is_added_signs_in_once_per_question_and_is_removed(
    chromium: Chromium,
    served_by_name: tuple[Flask, str],
    complaints: list[str],
):
    app, url = served_by_name
    ada = signed_in(app, "runner")
    cookie = ada.client.get_cookie("dynometer")
    assert cookie is not None
    page = page_with_authenticator(chromium, complaints)
    page.context.add_cookies([{"name": "dynometer", "value": cookie.value, "url": url}])

    page.goto(f"{url}/settings/security/passkeys/add")
    page.fill("#name", "Blue <b>laptop</b>")
    page.fill("#password", PASSWORD)
    page.click("text=Go on")
    expect(page.locator(".passkey-list")).to_contain_text("Blue <b>laptop</b>")
    assert ada.client.get("/").status_code == 302  # the session of before is over
    page.click(".who > summary")
    page.click(".who >> text=Sign out")

    sent: list[tuple[str, dict[str, str]]] = []
    page.on("request", lambda request: sent.append((request.post_data or "", request.all_headers()))
            if request.url.endswith("/sign-in/passkey") else None)  # fmt: skip
    page.goto(f"{url}/sign-in")
    page.click("text=Use a passkey")
    expect(page.locator(".who")).to_contain_text(ada.email)
    assert replayed(app, *sent[0], port=url.rsplit(":", 1)[-1]).status_code == 422

    page.goto(f"{url}/settings/security")
    page.click(".passkey-list a")
    page.fill("#password", PASSWORD)
    page.click("button.danger")
    expect(page.locator(".notice")).to_contain_text("The passkey is removed")
    page.context.clear_cookies()
    page.goto(f"{url}/sign-in")
    page.click("text=Use a passkey")
    expect(page.locator("[data-said]")).to_contain_text("signs nobody in here")
    assert [words for words in complaints if "422" not in words] == []


def replayed(app: Flask, body: str, headers: dict[str, str], port: str):
    """The answer to the question sent a second time, with the cookie of the first."""
    client = app.test_client(use_cookies=False)
    kept = {name: headers[name] for name in ("cookie", "x-csrftoken", "content-type")}
    return client.post("/sign-in/passkey", data=body, headers={**kept, "Host": f"localhost:{port}"})


@pytest.mark.parametrize(
    "answer",
    [None, [], "x", {}, {"id": 7}, {"id": "\0"}, {"id": "AAAA", "rawId": "AAAA", "response": {}, "type": "public-key"}],
)
def test_what_is_no_answer_is_refused_in_words(app: Flask, answer: object):
    browser = Browser(app.test_client(), person(app, "runner"))
    browser.get("/sign-in")
    token = {"X-CSRFToken": browser.csrf_token(), "Content-Type": "application/json"}

    for asks_first in (False, True):
        if asks_first:
            assert browser.client.post("/sign-in/passkey/question", headers=token).json["challenge"]
        refused = browser.client.post("/sign-in/passkey", data=json.dumps(answer), headers=token)
        assert refused.status_code == 422
        assert refused.json["error"]


def test_a_key_is_not_added_without_the_password(app: Flask):
    browser = signed_in(app, "runner")
    browser.get("/settings/security/passkeys/add")

    refused = browser.post("/settings/security/passkeys/question", {"name": "mine", "password": "wrong"})

    assert refused.status_code == 422
    assert refused.json["fields"]["password"] == "is not your present password"
    page = browser.get("/settings/security/passkeys/add")
    token = {"X-CSRFToken": browser.csrf_token()}
    assert page.status_code == 200
    assert browser.client.post("/settings/security/passkeys", json={"id": "x"}, headers=token).status_code == 422


@pytest.mark.parametrize("answer", [None, [], "x", 7, {"id": 7}])
def test_what_is_no_new_key_is_refused_in_words(app: Flask, answer: object):
    browser = signed_in(app, "runner")
    browser.get("/settings/security/passkeys/add")
    asked = browser.post("/settings/security/passkeys/question", {"name": "mine", "password": PASSWORD})
    assert asked.status_code == 200
    browser.get("/settings/security/passkeys/add")
    headers = {"X-CSRFToken": browser.csrf_token(), "Content-Type": "application/json"}

    refused = browser.client.post("/settings/security/passkeys", data=json.dumps(answer), headers=headers)

    assert refused.status_code == 422
    assert refused.json["error"] == "That was no passkey for this Dynometer. Nothing was added."
