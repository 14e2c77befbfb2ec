"""In a real browser: from the one-time link to the painted picture, with scripts and without."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import update

from store.accounts import new_setup_code
from store.models import Job
from tests.app.browsing import open_page
from tests.app.conftest import PASSWORD, let_workers_work, person, sign_in

pytestmark = pytest.mark.services


def test_from_the_one_time_link_to_the_painted_picture(
    chromium: Chromium, served_afresh: tuple[Flask, str], complaints: list[str], tmp_path: Path
):
    app, url = served_afresh
    with app.extensions["database"].writing() as session:
        code = new_setup_code(session)
    page = open_page(chromium, complaints)

    page.goto(f"{url}/setup#{code}")
    expect(page.locator("#code")).to_be_hidden()
    assert code not in page.url
    page.fill("#email", "ada@example.org")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("text=Create administrator")
    expect(page.locator("text=Paint the Mandelbrot set")).to_be_visible()
    page.goto(f"{url}/jobs/new?workload=mandelbrot")
    page.fill("[name='parameters.width']", "64")
    page.fill("[name='parameters.height']", "48")
    page.fill("#items", "16")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".going")).to_contain_text("0 of 16 items")
    let_workers_work(app, int(page.url.rsplit("/", 1)[-1]))
    expect(page.locator(".verdict")).to_contain_text("Succeeded: 16 items")  # the page went on by itself
    expect(page).to_have_title("Succeeded · Mandelbrot set #1 · Dynometer")
    page.wait_for_function(
        "() => { const c = document.querySelector('canvas');"
        " return c.width === 64 && c.getContext('2d').getImageData(63, 47, 1, 1).data[3] === 255 }"
    )
    with page.expect_download() as download:
        page.click("#downloads >> text=PNG")
    download.value.save_as(tmp_path / "picture.png")
    assert Image.open(io.BytesIO((tmp_path / "picture.png").read_bytes())).size == (64, 48)
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_one_press_paints_the_mandelbrot_set_the_first_time_and_later(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], scripts: bool
):
    app, url = served
    page = open_page(chromium, complaints, java_script_enabled=scripts)
    sign_in(page, app, url)

    for _ in range(2):
        page.goto(url)
        page.click("text=Paint the Mandelbrot set")

        expect(page.locator(".going")).to_contain_text("0 of 256 items")
    assert complaints == []


def test_without_scripts_everything_works_too(chromium: Chromium, served: tuple[Flask, str]):
    app, url = served
    page = open_page(chromium, [], java_script_enabled=False, color_scheme="light")
    page.goto(f"{url}/workloads")
    page.fill("#email", person(app, "runner"))
    page.fill("#password", PASSWORD)
    page.click("main >> text=Sign in >> nth=-1")
    assert page.url == f"{url}/workloads"
    page.click("summary[aria-label^=Account]")
    page.click("text=Dark")
    assert page.locator("html").get_attribute("data-theme") == "dark"

    page.click("[aria-label='Start Factorise']")
    page.check("[value=file]")
    page.set_input_files("#file", files=[{"name": "n.txt", "mimeType": "text/plain", "buffer": b"12\n15\n"}])
    page.click("text=Advanced")
    page.fill("#max_workers", "many")
    page.click("text=Start job")
    expect(page.locator(".kept")).to_contain_text("n.txt, 2 items, kept")
    page.fill("#max_workers", "")
    page.click("text=Start job")

    expect(page.locator(".going")).to_contain_text("0 of 2 items")
    let_workers_work(app, int(page.url.rsplit("/", 1)[-1]))
    expect(page.locator(".verdict")).to_contain_text("Succeeded: 2 items")  # the page reloads itself
    expect(page.locator(".chart img")).to_be_visible()
    expect(page.locator(".chart .plot")).to_be_hidden()
    page.click(".chart summary")
    expect(page.locator(".chart tbody tr").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_cancelled_job_says_so_and_an_old_one_asks_first(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], scripts: bool
):
    app, url = served
    page = open_page(chromium, complaints, java_script_enabled=scripts)
    sign_in(page, app, url)
    for created_at_s, asks in ((None, False), (1.0, True)):
        page.goto(f"{url}/jobs/new?workload=wait&items=1000")
        page.click("text=Start job")
        page.wait_for_url(re.compile(r"/jobs/\d+$"))
        if created_at_s is not None:
            with app.extensions["database"].writing() as session:
                changed = update(Job).where(Job.id == int(page.url.rsplit("/", 1)[-1]))
                session.execute(changed.values(created_at=created_at_s))

        page.click("#actions >> text=Cancel")
        if asks:
            page.click("text=Let it go on")
            page.click("#actions >> text=Cancel")
            page.click("text=Cancel the job")

        expect(page.locator(".verdict")).to_contain_text("Cancelled")
    assert complaints == []


def test_a_mistake_takes_the_focus(chromium: Chromium, served: tuple[Flask, str], complaints: list[str]):
    app, url = served
    page = open_page(chromium, complaints)
    sign_in(page, app, url)
    page.goto(f"{url}/jobs/new?workload=wait&items=0")

    page.click("text=Start job")

    expect(page.locator("#summary")).to_be_focused()
    page.click("#summary a")
    expect(page.locator("#items")).to_be_focused()
