"""A job's page in a real browser while it changes: nothing moves, nothing a person opened or reached is lost."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from app.charts import LIGHT
from tests.app.browsing import open_page
from tests.app.conftest import let_workers_work, sign_in
from tests.services import until

pytestmark = pytest.mark.services
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
HEARS = """() => {
  window.heard = [];
  const region = document.querySelector("#announce");
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true });
}"""


def begun(page: Page, url: str, query: str) -> int:
    """A new job, its page open."""
    page.goto(f"{url}/jobs/new?{query}")
    page.click("text=Start job")
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    return int(page.url.rsplit("/", 1)[-1])


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_moves_from_queued_to_the_report(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], size: dict[str, int]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=size)
    page.add_init_script(SHIFTS)
    sign_in(page, app, url)
    job_id = begun(page, url, "workload=wait&items=8&parameters.seconds=0.3")
    page.evaluate(HEARS)

    let_workers_work(app, job_id)  # 2.4 seconds; the page goes on by itself
    expect(page.locator(".verdict")).to_contain_text("Succeeded: 8 items")
    expect(page.locator(".plot svg")).to_be_visible()

    first, last = page.evaluate("window.heard")
    assert first == "The job is running."
    assert last.startswith("Succeeded: 8 items")
    expect(page).to_have_title(f"Succeeded · Wait #{job_id} · Dynometer")
    assert page.evaluate("window.shifts") <= 0.02
    assert complaints == []


def test_focus_open_details_and_scroll_outlive_every_swap(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=PHONE)
    sign_in(page, app, url)
    job_id = begun(page, url, "workload=wait&items=4&parameters.seconds=0.01")
    page.click(".chart summary")
    page.click(".about summary")
    page.focus(".chart summary")
    page.evaluate("scrollTo(0, 180)")

    let_workers_work(app, job_id)
    expect(page.locator(".verdict")).to_be_visible()

    expect(page.locator(".chart summary")).to_be_focused()
    assert page.locator("details[open]").count() == 2
    assert page.evaluate("scrollY") == 180
    expect(page.locator(".chart tbody tr").first).to_be_attached()  # the open table follows the chart
    assert complaints == []


def test_arrow_keys_walk_the_chart_and_the_table_says_the_same(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=WIDE)
    sign_in(page, app, url)
    job_id = begun(page, url, "workload=wait&items=4&parameters.seconds=0.3")
    let_workers_work(app, job_id)
    page.goto(f"{url}/jobs/{job_id}")
    served_rows = page.locator(".chart tbody tr").all_text_contents()
    expect(page.locator(".plot svg")).to_be_visible()

    page.focus(".plot")
    page.keyboard.press("Home")
    expect(page.locator(".readout")).to_contain_text("items/s")
    first = page.locator(".readout").inner_text()
    def told_at_the_end() -> str:  # a chart that is drawn anew meanwhile may lose a key
        page.focus(".plot")
        page.keyboard.press("End")
        return page.locator(".readout").inner_text()

    until(lambda: told_at_the_end() != first, "the last bin is told")
    page.click(".chart summary")

    rows = page.locator(".chart tbody tr").all_text_contents()
    assert [re.sub(r"\s+", "", row) for row in rows] == [re.sub(r"\s+", "", row) for row in served_rows]
    when, rate = (page.locator(".chart tbody tr").first.locator("td").nth(k).inner_text() for k in (0, 1))
    assert first == f"{when} s: {rate} items/s"
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".plot[data-drawn=dark] svg")).to_be_visible()  # drawn anew in the other colours
    assert complaints == []


def test_a_server_out_of_reach_is_said_and_asked_less_often(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=WIDE)
    sign_in(page, app, url)
    begun(page, url, "workload=wait&items=4")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("**/live/jobs/*", refuse)
    expect(page.locator("#away")).to_be_visible()
    page.unroute("**/live/jobs/*")

    expect(page.locator("#away")).to_be_hidden()
    assert len(asked) <= 2  # the second try comes two seconds after the first


def test_what_is_refused_is_said_and_not_asked_again(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=WIDE)
    sign_in(page, app, url)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404, body="")

    page.route(re.compile(r"/jobs/\d+(/series|/tiles|\?key.*)"), refuse)
    begun(page, url, "workload=mandelbrot&items=4&parameters.width=32&parameters.height=32")

    expect(page.locator("#away")).to_have_text("This page is no longer updated. Reload it.")
    expect(page.locator(".readout")).to_have_text("The chart is no longer updated. Reload the page.")
    expect(page.locator(".picture .over")).to_have_text("The picture is no longer updated. Reload the page.")
    assert len(asked) == 5  # the fragment; for the feeds their link, and the page's own address


def test_cancel_stays_in_its_place_when_the_job_ends(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=WIDE)
    sign_in(page, app, url)
    job_id = begun(page, url, "workload=wait&items=4&parameters.seconds=0.01")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    where = cancel.bounding_box()

    let_workers_work(app, job_id)
    expect(page.locator("#downloads")).to_contain_text("NDJSON")

    expect(cancel).to_be_focused()
    expect(cancel).to_be_disabled()
    assert cancel.bounding_box() == where
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Succeeded")
    assert page.url.endswith(f"/jobs/{job_id}")
    assert complaints == []


def test_the_picture_is_coloured_by_node_on_request(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=WIDE)
    sign_in(page, app, url)
    job_id = begun(page, url, "workload=mandelbrot&items=4&parameters.width=32&parameters.height=32")
    let_workers_work(app, job_id)
    expect(page.locator(".verdict")).to_be_visible()
    pixel = "() => { const c = document.querySelector('canvas');"
    pixel += " return [...c.getContext('2d').getImageData(0, 0, 1, 1).data] }"
    page.wait_for_function(f"() => ({pixel})()[3] === 255")
    plain = page.evaluate(pixel)

    page.click("text=By node")

    expect(page.locator(".picture .nodes")).to_have_text("worker.1")
    red, green, blue, _ = page.evaluate(pixel)
    assert [red, green, blue] != plain[:3]
    assert LIGHT.series[0] == "#0b6a80"
    assert red < green < blue  # its tint, lighter or darker
    assert page.url.endswith(f"/jobs/{job_id}?by=node")
    page.reload()  # the report has a PNG, and remembers
    expect(page.locator(".picture img")).to_have_attribute("src", f"/jobs/{job_id}/picture.png?by=node")
    expect(page.locator(".picture .nodes")).to_have_text("worker.1")
    page.click(".two >> text=Picture")
    expect(page.locator(".picture img")).to_have_attribute("src", f"/jobs/{job_id}/picture.png")
    expect(page.locator(".picture .nodes")).to_be_hidden()
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/jobs"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_list_refreshes_without_moving_anything_or_taking_the_focus(
    chromium: Chromium, served: tuple[Flask, str], complaints: list[str], path: str, size: dict[str, int]
):
    app, url = served
    page = open_page(chromium, complaints, viewport=size)
    sign_in(page, app, url)
    let_workers_work(app, begun(page, url, "workload=wait&items=2&parameters.seconds=0.01"))
    second = begun(page, url, "workload=wait&items=4&parameters.seconds=0.01")
    page.add_init_script(SHIFTS)
    page.clock.install()
    page.goto(f"{url}{path}")
    page.focus(f"#job-{second}" + (" a" if path == "/jobs" else ""))

    let_workers_work(app, second)
    page.clock.fast_forward(3000)

    chip = page.locator(f"#job-{second} .chip" if path == "/jobs" else f".name:has(#job-{second}) .chip")
    expect(chip).to_have_text("succeeded")
    assert page.evaluate("document.activeElement.textContent").endswith(f"#{second}")
    assert page.evaluate("window.shifts") <= 0.02
    assert complaints == []
