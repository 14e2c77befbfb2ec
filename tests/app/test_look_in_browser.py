"""The frame of the pages in a real browser: colours, keys, sizes."""

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy import update

from store.account_models import User
from store.models import Job
from tests.app.browsing import open_page
from tests.app.conftest import sign_in

pytestmark = pytest.mark.services
COLOUR = "((element, part) => getComputedStyle(element, part).backgroundColor)"
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
SERIES = "getComputedStyle(document.documentElement).getPropertyValue('--series-1')"
LIGHT, DARK = "rgb(246, 247, 248)", "rgb(14, 20, 25)"


@pytest.fixture
def page(chromium: Chromium, served: tuple[Flask, str], complaints: list[str]) -> Page:
    """A runner's, on the overview."""
    app, url = served
    made = open_page(chromium, complaints, color_scheme="light")
    sign_in(made, app, url)
    made.goto(url)
    return made


def address(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3]


def test_the_colours_change_without_a_reload_and_stay(page: Page, complaints: list[str]):
    page.evaluate("window.isOld = true")
    page.click("summary[aria-label^=Account]")

    with page.expect_response("**/appearance"):
        page.click("text=Dark")

    assert page.evaluate(GROUND) == DARK
    assert page.evaluate(SERIES) == "rgb(87, 195, 218)"  # a colour, for those who draw
    assert page.evaluate("window.isOld")
    page.goto(page.url.rstrip("/") + "/workloads")
    assert page.evaluate(GROUND) == DARK
    page.emulate_media(color_scheme="dark")
    page.click("summary[aria-label^=Account]")
    with page.expect_response("**/appearance"):
        page.click("text=Light")
    assert page.evaluate(GROUND) == LIGHT
    with page.expect_response("**/appearance"):
        page.click("text=System")
    assert page.evaluate(GROUND) == DARK
    assert complaints == []


def press(page: Page, keys: str) -> None:
    """Once something is to be seen: until then Chromium gives a new page no keys."""
    page.wait_for_function("() => performance.getEntriesByType('paint').length > 0")
    for key in keys:
        page.keyboard.press(key)


def test_keys_lead_everywhere(page: Page, complaints: list[str]):
    start = page.url.rstrip("/")
    for keys, path in (
        ("gw", "/workloads"),
        ("gj", "/jobs"),
        ("gs", "/sweeps"),
        ("n", "/sweeps/new"),
        ("gp", "/settings/profile"),
        ("n", "/workloads"),
        ("go", "/"),
    ):
        press(page, keys)
        page.wait_for_url(f"{start}{path}")
    press(page, "?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    press(page, "gw")
    page.wait_for_url(f"{start}/workloads")
    press(page, "jjk")
    expect(page.locator(":focus")).to_have_text("Random sum")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{start}/jobs/new?workload=random-sum")
    page.focus("#items")
    page.keyboard.type("n")
    assert address(page) == "/jobs/new?workload=random-sum"
    assert complaints == []


def test_keys_that_are_switched_off_do_nothing(page: Page):
    page.goto(page.url + "settings/appearance")
    page.click("text=Switch single keys off")

    page.keyboard.press("n")
    page.keyboard.press("?")

    expect(page.locator("text=Switch single keys on")).to_be_visible()
    assert address(page) == "/settings/appearance"


def test_the_first_tab_leads_to_the_content(page: Page):
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_escape_closes_the_menu_and_gives_the_focus_back(page: Page):
    page.click("summary[aria-label^=Account]")
    page.focus("text=Sign out")

    page.keyboard.press("Escape")

    expect(page.locator(".sheet")).to_be_hidden()
    expect(page.locator("summary[aria-label^=Account]")).to_be_focused()


def test_nothing_breaks_out_of_the_page(chromium: Chromium, make_app, make_database, serve):
    """320 px is a wide phone at 400 %, 640 px a desktop at 200 %."""
    app = make_app(make_database("sqlite"), development=True)
    url = serve(app)
    page = open_page(chromium, [])
    sign_in(page, app, url)
    page.goto(f"{url}/jobs/new?workload=wait")
    page.click("text=Start job")
    with app.extensions["database"].writing() as session:
        session.execute(update(User).where(User.email.like("runner%")).values(email="a" * 240 + "@example.org"))
        session.execute(update(Job).values(workload="w" * 300))  # of a package that is gone: its key is its title

    for path in (
        "/", "/jobs", "/jobs/1", "/workloads", "/jobs/new?workload=factorise", "/settings/appearance", "/gallery",
        "/" + "x" * 300,
    ):  # fmt: skip
        page.goto(url + path)
        if page.locator("summary[aria-label^=Account]").count():
            page.click("summary[aria-label^=Account]")
        for width in (320, 360, 640, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_the_pages_do_not_jump_while_they_load(page: Page):
    start = page.url
    page.add_init_script(
        "window.moved = 0;"
        "new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.moved += entry.value)))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("", "workloads", "jobs", "jobs/new?workload=mandelbrot", "settings/appearance"):
        page.goto(f"{start}{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved") <= 0.02, path


def test_forced_colours_and_still_motion_are_obeyed(chromium: Chromium, served: tuple[Flask, str]):
    app, url = served
    page = open_page(chromium, [], forced_colors="active", reduced_motion="reduce")
    sign_in(page, app, url)

    page.goto(f"{url}/workloads")

    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") == "0s"
    assert page.evaluate(f"{COLOUR}(document.querySelector('nav [aria-current]'), '::after')") == page.evaluate(
        f"(document.body.style.background = 'Highlight', {COLOUR}(document.body))"
    )
