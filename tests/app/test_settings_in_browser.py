"""The settings in a real browser: a colleague invited by a link, a token copied, with scripts and without."""

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.app.browsing import open_page
from tests.app.conftest import PASSWORD, sign_in

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
    page.click("text=Make a token")
    assert page.locator("[data-copies]").is_visible() == scripts
    if scripts:
        page.click("[data-copies]")
        expect(page.locator("[data-copied]")).not_to_be_empty()
    page.click("text=Revoke")
    page.click("text=Revoke it")

    expect(page.locator(".empty")).to_contain_text("You have no tokens.")
    assert complaints == []
