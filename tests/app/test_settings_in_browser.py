"""The settings in a real browser: a colleague invited by a link, a token copied, with scripts and without."""

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.app.browsing import open_page
from tests.app.conftest import PASSWORD, Browser, person, sign_in

pytestmark = pytest.mark.services


def test_an_invited_colleague_starts_a_job_on_a_phone(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    admin = open_page(chromium, complaints)
    sign_in(admin, app, url, "admin")
    admin.goto(f"{url}/settings/invitations")
    admin.fill("#note", "Ada")
    admin.click("text=Make a link")
    link = admin.input_value("#link")
    newcomer = open_page(chromium, complaints, viewport={"width": 360, "height": 740})

    newcomer.goto(link)
    expect(newcomer.locator("#code")).to_be_hidden()
    assert "#" not in newcomer.url
    newcomer.fill("#email", "ada@example.org")
    newcomer.fill("#password", PASSWORD)
    newcomer.fill("#again", PASSWORD)
    newcomer.click("text=Make my account")
    newcomer.goto(f"{url}/jobs/new?workload=wait&items=3")
    newcomer.click("text=Start job")

    expect(newcomer.locator(".going")).to_contain_text("0 of 3 items")
    admin.goto(f"{url}/settings/invitations")
    expect(admin.locator("tbody")).to_contain_text("is ada@example.org")
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_is_made_and_revoked_with_scripts_and_without(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], scripts: bool
):
    app, url = served
    page = open_page(chromium, complaints, java_script_enabled=scripts)
    sign_in(page, app, url, "admin")
    page.goto(f"{url}/settings/tokens")

    page.fill("#name", "nightly")
    page.fill("#password", PASSWORD)
    page.click("text=Make a token")
    assert page.locator("[data-copies]").is_visible() == scripts
    if scripts:
        page.click("[data-copies]")
        expect(page.locator("[data-copied]")).not_to_be_empty()
    page.click("text=Revoke")
    page.click("text=Revoke it")

    expect(page.locator(".empty")).to_contain_text("You have no tokens.")
    assert complaints == []


def test_without_scripts_what_destroys_asks_in_place_and_what_was_done_is_said_once(
    chromium: Chromium, served: tuple[Flask, str]
):
    app, url = served
    page = open_page(chromium, [], java_script_enabled=False)
    admin = sign_in(page, app, url, "admin")
    colleague = person(app, "runner")
    page.goto(f"{url}/settings/invitations")
    page.click("text=Make a link")

    expect(page.locator("text=Revoke it").first).to_be_hidden()
    page.click("tbody tr:first-child summary")
    page.click("tbody tr:first-child >> text=Revoke it")
    expect(page.locator("tbody tr:first-child .chip")).to_have_text("revoked")

    page.goto(f"{url}/settings/people?part={colleague}")
    page.click(f"text={colleague}")
    expect(page.locator("text=Disable it")).to_be_hidden()
    page.click("text=Disable the account")
    page.click("text=Disable it")
    expect(page.locator(".facts")).to_contain_text("disabled")

    elsewhere = Browser(app.test_client())
    elsewhere.get("/sign-in")
    elsewhere.post("/sign-in", {"email": admin.email, "password": PASSWORD})
    page.goto(f"{url}/settings/security")
    page.click("text=Sign out everywhere else")
    expect(page.locator(".notices .notice.good")).to_have_text("Every other browser is signed out.")
    page.reload()
    expect(page.locator(".notice")).to_have_count(0)
