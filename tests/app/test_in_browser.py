"""In a real browser: from the one-time link to the painted picture, with scripts and without."""

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from store.accounts import new_setup_code
from tests.app.browsing import open_page
from tests.app.conftest import PASSWORD, let_workers_work, sign_in

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
        page.click("text=PNG")
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


def test_without_scripts_everything_works_too(chromium: Chromium, served: tuple[Flask, str], complaints: list[str]):
    app, url = served
    page = open_page(chromium, complaints, java_script_enabled=False)
    sign_in(page, app, url)

    page.goto(f"{url}/workloads")
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


def test_a_cancelled_job_says_so(chromium: Chromium, served: tuple[Flask, str], complaints: list[str]):
    app, url = served
    page = open_page(chromium, complaints)
    sign_in(page, app, url)
    page.goto(f"{url}/jobs/new?workload=wait&items=1000")
    page.click("text=Start job")

    page.click("text=Cancel")

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


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_page_fits_a_small_phone(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], colours: str
):
    app, url = served
    page = open_page(chromium, complaints, viewport={"width": 360, "height": 740}, color_scheme=colours)
    sign_in(page, app, url)
    page.goto(f"{url}/jobs/new?workload=mandelbrot&items=9")
    page.click("text=Start job")
    job = page.url

    for path in (
        "/",
        "/workloads",
        "/jobs",
        "/jobs/new?workload=factorise",
        "/problems/conflict",
        "/jobs/new?workload=factorise&source=pasted",
        "/settings/appearance",
        job.removeprefix(url),
        job.removeprefix(url) + "/cancel",
    ):
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
    for workload in ("factorise", "word-count"):
        page.goto(f"{url}/jobs/new?workload={workload}&items=20")
        page.click("text=Start job")
        let_workers_work(app, int(page.url.rsplit("/", 1)[-1]))
        expect(page.locator(".report")).to_be_visible()  # it came by itself
        assert page.evaluate("document.documentElement.scrollWidth") == 360, workload
    assert complaints == []
