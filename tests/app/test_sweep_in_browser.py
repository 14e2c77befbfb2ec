"""A sweep in a real browser: from one press to the shared report; nothing a person opened or reached is lost."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from dynometer.commands.results import read_result
from dynometer.report.report import make_report
from tests.app import made_sweeps
from tests.app.browsing import open_page
from tests.app.conftest import sign_in
from tests.report.made import made

pytestmark = pytest.mark.services
RESULT = made(noise=0.01)
HEARS = """() => {
  window.heard = [];
  const region = document.querySelector("#announce");
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true });
}"""


def marks(page: Page) -> int:
    """Points on the chart."""
    return page.locator("#plot .mark-symbol [aria-label*=' worker']").count()


def number_of(page: Page) -> int:
    page.wait_for_url(re.compile(r"/sweeps/\d+$"))
    return int(page.url.rsplit("/", 1)[-1])


def test_from_one_press_to_the_report_that_a_stranger_reads(
    chromium: Chromium, served_afresh: tuple[Flask, str], complaints: list[str], tmp_path: Path
):
    app, url = served_afresh
    page = open_page(chromium, complaints)
    somebody = sign_in(page, app, url)
    before = made_sweeps.finished(app, somebody.email, made(noise=0.01, seed=2), "Before")

    page.goto(f"{url}/sweeps/new")
    page.click("text=Start it")
    sweep_id = number_of(page)
    expect(page.locator("#status")).to_contain_text("It waits for a worker process")
    page.evaluate(HEARS)
    held = made_sweeps.begun(app, sweep_id, RESULT)
    made_sweeps.record(app, held, RESULT.trials[:16])
    expect(page.locator("#status")).to_contain_text("16 of some 40 windows")  # the page went on by itself
    expect(page.locator("#plot svg")).to_be_visible()
    expect(page).to_have_title(f"40 % · Tutorial case #{sweep_id} · Dynometer")
    made_sweeps.record(app, held, RESULT.trials[16:], first=17)
    made_sweeps.end(app, sweep_id)
    expect(page.locator(".verdict .words")).to_contain_text("pool scales to 2 workers")
    expect(page.locator("#actions button")).to_have_attribute("aria-disabled", "true")  # it stays Cancel
    assert page.evaluate("window.heard").pop().startswith("The sweep is over: finished.")

    page.click("text=Efficiency")
    expect(page.locator("#plot")).to_contain_text("efficiency")
    assert "y=efficiency" in page.url
    page.click("#points-table summary")
    expect(page.locator("#points-table")).to_contain_text("vectorised")
    page.click("text=Export")
    with page.expect_download() as download:
        page.click("text=Everything as JSON")
    download.value.save_as(tmp_path / "result.json")
    assert make_report(read_result(tmp_path / "result.json")).verdict == page.locator(".verdict .words").inner_text()

    page.reload()
    page.click("text=Make a link")
    slug = page.locator("#share code").inner_text().rsplit("/", 1)[-1]
    stranger = open_page(chromium, complaints)
    stranger.goto(f"{url}/r/{slug}")
    expect(stranger.locator(".verdict .words")).to_contain_text("pool scales to 2 workers")
    expect(stranger.locator("#plot svg")).to_be_visible()
    page.goto(f"{url}/sweeps")
    for picked in (before, sweep_id):
        page.check(f"input[name=pick][value='{picked}']")
    page.click("text=Compare")
    expect(page.locator(".verdict")).to_contain_text("No evidence of a difference in 8 common points.")
    expect(page.locator("#plot svg")).to_be_visible()
    assert complaints == []


def test_what_is_open_and_has_the_focus_stays_while_windows_come(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints)
    somebody = sign_in(page, app, url)
    held = made_sweeps.begun(app, made_sweeps.queued(app, somebody.email), RESULT)
    made_sweeps.record(app, held, RESULT.trials[:8])
    page.goto(f"{url}/sweeps/{held.sweep_id}?axis=linear")
    expect(page.locator("#plot svg")).to_be_visible()
    page.click("#windows-table summary")
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    said = page.locator("#readout").inner_text()

    made_sweeps.record(app, held, RESULT.trials[8:24], first=9)
    expect(page.locator("#status")).to_contain_text("24 of some 40 windows")

    assert "with 1 worker: 1" in said
    assert page.evaluate("document.activeElement.id") == "plot"
    assert page.locator("#windows-table").get_attribute("open") is not None
    expect(page.locator("#windows-table tbody tr")).to_have_count(24)
    expect(page.locator("[data-switch=axis-linear]")).to_have_attribute("aria-current", "true")
    assert complaints == []


def test_arrow_keys_walk_the_points_and_a_key_opens_the_table(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints)
    sweep_id = made_sweeps.finished(app, sign_in(page, app, url).email, RESULT)
    page.goto(f"{url}/sweeps/{sweep_id}")
    expect(page.locator("#plot svg")).to_be_visible()
    page.locator("#plot").focus()

    heard = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "End", "ArrowDown", "Home", "ArrowUp"):
        page.keyboard.press(key)
        heard.append(page.locator("#readout").inner_text().split(":")[0])
    page.keyboard.press("t")

    assert heard == [
        "sequential (python) with 1 worker", "threads (python) with 1 worker", "threads (python) with 2 workers",
        "threads (python) with 4 workers", "pool (python) with 4 workers", "pool (python) with 1 worker",
        "threads (python) with 1 worker",
    ]  # fmt: skip
    expect(page.locator("#points-table table")).to_be_visible()
    assert complaints == []


def test_two_are_chosen_in_a_list_and_compared_by_keys_alone(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints)
    somebody = sign_in(page, app, url)
    for seed in (1, 2):
        made_sweeps.finished(app, somebody.email, made(noise=0.01, seed=seed))
    page.goto(f"{url}/sweeps")
    page.wait_for_function("() => performance.getEntriesByType('paint').length > 0")  # until then it hears no keys

    for key in "jxjx":
        page.keyboard.press(key)
    page.locator("#compare button").press("Enter")

    expect(page.locator(".verdict")).to_contain_text("No evidence of a difference in 8 common points.")
    assert complaints == []


def test_a_press_hides_a_curve_in_place_and_back_again(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints)
    sweep_id = made_sweeps.finished(app, sign_in(page, app, url).email, RESULT)
    page.goto(f"{url}/sweeps/{sweep_id}")
    expect(page.locator("#plot")).to_contain_text("vectorised (numpy)")
    page.evaluate("window.isSamePage = true")

    page.click("#chart-curves >> text=vectorised")
    expect(page.locator("#plot")).not_to_contain_text("vectorised (numpy)")
    hidden = page.url
    page.click("#chart-curves >> text=vectorised")
    expect(page.locator("#plot")).to_contain_text("vectorised (numpy)")

    assert "hide=vectorised" in hidden
    assert "hide" not in page.url
    assert page.evaluate("window.isSamePage && document.activeElement.dataset.switch") == "hide-vectorised/numpy"
    assert complaints == []


def test_the_estimate_follows_what_is_typed_and_ctrl_enter_starts(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints)
    sign_in(page, app, url)
    page.goto(f"{url}/sweeps/new?workload=random-sum")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.fill("#workers", "1, 8, 64")
    page.locator("#workers").press("Tab")
    expect(page.locator("#plan")).to_contain_text("8, 64 are beyond the")
    page.locator("#name").press("Control+Enter")
    number_of(page)

    assert not [each for each in asked if "csrf_token" in each]
    assert complaints == []


def test_without_scripts_a_sweep_is_started_read_and_taken_away(chromium: Chromium, served: tuple[Flask, str]):
    app, url = served
    page = open_page(chromium, [], java_script_enabled=False)
    somebody = sign_in(page, app, url)
    page.goto(f"{url}/sweeps/new?workload=random-sum")
    page.click("text=Check")
    expect(page.locator("text=Nothing was started yet")).to_be_visible()
    page.click("text=Start sweep")
    number_of(page)

    sweep_id = made_sweeps.finished(app, somebody.email, RESULT)
    page.goto(f"{url}/sweeps/{sweep_id}")
    page.click("text=Efficiency")
    picture = page.locator("#scaling noscript img, #scaling > picture img").first
    assert "y=efficiency" in page.url
    assert "efficiency" in (picture.get_attribute("src") or page.content())
    with page.expect_download() as download:
        page.click("text=Export")
        page.click("text=Everything as JSON")
    assert json.loads(Path(download.value.path()).read_text())["report_format"] == 1
