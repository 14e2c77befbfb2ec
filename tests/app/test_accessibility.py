"""Every page through axe-core in a real browser, light and dark, wide and on a phone; and what axe can't see."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update
from werkzeug.serving import make_server

from app import create_app
from settings import Settings
from store.models import Job, JobState
from tasks.jobs import cancel
from tests.app.conftest import SECRET, Browser, job_of, let_workers_work, person, signed_in
from tests.app.test_in_browser import chromium  # noqa: F401 - a fixture
from tests.databases import Databases

pytestmark = pytest.mark.services
VENDOR = Path(__file__).parents[1] / "vendor"
AXE = (VENDOR / "axe.min.js").read_text()
RUN = """rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules}).then(found =>
  found.violations.filter(each => ['serious', 'critical'].includes(each.impact)).map(each =>
    each.id + ': ' + each.nodes.map(node => node.target.join(' ') + ' ' + node.failureSummary).join(' | ')))"""
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
PLACE = "(window.order ??= [...document.querySelectorAll('*')]).indexOf(document.activeElement)"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
STATUSES = (403, 404, 413, 429, 500, 503)
NO_PAGES = {  # endpoints that answer with a file, a part of a page, or a way to another page
    "downloads.csv", "downloads.ndjson", "charts.series", "charts.shares_json", "charts.shares_png",
    "charts.shares_svg", "charts.throughput_json", "charts.throughput_png", "charts.throughput_svg", "picture.png",
    "picture.tiles", "shared_live.series", "shared_live.tiles", "job.live", "shared_live.fragment", "audit.export",
    "settings.show", "provider.leave", "provider.back", "health.healthz", "health.readyz", "api-docs.openapi_json",
    "second_step.show",  # a page in the middle of a sign-in, made of the same parts as the sign-in's
    "setup.show",  # only on an empty database; see test_the_first_page_is_for_everybody
    "problems.show",  # the gallery shows all of them
}  # fmt: skip


@dataclass
class Site:
    """A served app in which much has happened, and who looks at it."""

    app: Flask
    url: str
    admin: Browser
    pages: dict[str, list[str]] = field(default_factory=dict)  # endpoint -> paths that an administrator opens
    strangers: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("site"), database_url=databases.sqlite(), secret_key=SECRET, development=True
    )
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield lived_in(Site(app, f"http://127.0.0.1:{server.server_port}", signed_in(app, "admin")))
    server.shutdown()
    thread.join()
    server.server_close()


def lived_in(site: Site) -> Site:
    """Jobs in every state, people, an invitation, a token that is shown, all pages listed."""
    jobs = made_jobs(site)
    site.admin.get("/settings/invitations")
    site.admin.post("/settings/invitations", {"role": "runner", "note": "for Grace"})
    site.admin.get("/settings/tokens")
    site.admin.post("/settings/tokens", {"name": "ci", "scope": "read", "days": "90"})
    person_id = 1
    for _ in range(2):
        person(site.app, "runner")
    site.pages = {
        "overview.show": ["/"],
        "workloads.show": ["/workloads"],
        "new_job.show": ["/jobs/new?workload=mandelbrot", "/jobs/new?workload=factorise"],
        "jobs.show": ["/jobs", "/jobs?q=nothing-has-this-name"],
        "job.show": [f"/jobs/{number}" for number in jobs.values()],
        "job.ask": [f"/jobs/{jobs['queued']}/cancel"],
        "gallery.show": ["/gallery"],
        "gallery.problem": [f"/gallery/problems/{status}" for status in STATUSES],
        "limits.edit": [f"/settings/limits/{person_id}"],
        "people.one": [f"/settings/people/{person_id}"],
        "second_factor.show": ["/settings/security/codes"],
        "second_factor.ask": ["/settings/security/codes/remove"],
        "passkeys.one": ["/settings/security/passkeys/1"],
        "passkeys.show": ["/settings/security/passkeys/add"],
    }
    for name in ("about", "appearance", "audit", "invitations", "limits", "people", "profile", "security", "tokens"):
        site.pages[f"{name}.show"] = [f"/settings/{name}"]
    site.strangers = {"sign_in.show": ["/sign-in"], "join.show": ["/join"], "reset.show": ["/reset"]}
    return site


def made_jobs(site: Site) -> dict[str, int]:
    """One of each state.  Those that went wrong are written down so, as nothing here goes wrong by itself."""
    found: dict[str, int] = {}
    small = {"parameters.width": "64", "parameters.height": "48", "items": "4"}
    for name in ("succeeded", "partial", "failed", "cancelled", "queued"):
        site.admin.get("/jobs/new?workload=mandelbrot")
        found[name] = job_of(site.admin.post("/jobs/new?workload=mandelbrot", small))
        if name in ("succeeded", "partial", "failed"):
            let_workers_work(site.app, found[name])
    database = site.app.extensions["database"]
    cancel(database, found["cancelled"])
    words = "Items 2 and 3 ended their process three times and have no value."
    for name, state in (("partial", JobState.PARTIAL), ("failed", JobState.FAILED)):
        with database.writing() as session:
            session.execute(update(Job).where(Job.id == found[name]).values(state=state, failure=words))
    return found


@pytest.fixture(scope="module")
def context(chromium: Chromium, site: Site) -> Iterator[BrowserContext]:  # noqa: F811
    made = chromium.new_context(bypass_csp=False)
    cookie = site.admin.client.get_cookie("dynometer")
    assert cookie is not None
    made.add_cookies([{"name": "dynometer", "value": cookie.value, "url": site.url}])
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_every_page_is_in_the_list(site: Site):
    listed = {*site.pages, *site.strangers, *NO_PAGES}

    rules = site.app.url_map.iter_rules()
    asked = {rule.endpoint for rule in rules if "GET" in (rule.methods or ()) and not str(rule).startswith("/api")}

    assert asked - listed == set()


def test_axe_finds_nothing_serious_on_any_page(site: Site, page: Page):
    assert findings(page, site.url, site.pages) == []


def test_axe_is_heard_when_something_is_wrong(context: BrowserContext):
    page = context.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src=x><p style='color:#ccc'>pale</p></main>")
    page.evaluate(AXE)

    found = " ".join(page.evaluate(RUN, WCAG))

    assert "image-alt" in found
    assert "color-contrast" in found
    page.close()


def test_axe_finds_nothing_serious_on_the_pages_of_strangers(site: Site, chromium: Chromium):  # noqa: F811
    context = chromium.new_context()

    assert findings(context.new_page(), site.url, site.strangers) == []

    context.close()


def findings(page: Page, url: str, pages: dict[str, list[str]]) -> list[str]:
    """What axe says of all rules in light, and of colours in dark, at both widths."""
    said = []
    for path in (path for paths in pages.values() for path in paths):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours must not be on their way
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(url + path)
        page.evaluate(AXE)
        for scheme, rules in (("light", WCAG), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for size in (WIDE, PHONE):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                said += [f"{path} {scheme} {size['width']}: {each}" for each in page.evaluate(RUN, rules)]
    return said


def test_the_first_page_is_for_everybody(chromium: Chromium, databases: Databases, tmp_path: Path):  # noqa: F811
    app = create_app(Settings(data_dir=tmp_path, database_url=databases.sqlite(), secret_key=SECRET))
    client = app.test_client()
    body = client.get("/setup").text
    page = chromium.new_page()

    page.set_content(body)
    page.evaluate(AXE)

    assert page.evaluate(RUN, {"type": "tag", "values": ["wcag2a", "wcag21a"]}) == []
    page.close()


@pytest.mark.parametrize("width", [320, 640], ids=["reflow at 320 px", "200 % zoom of 1280 px"])
def test_no_page_needs_sideways_scrolling(site: Site, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 700})

    wide = []
    for path in (paths[0] for paths in site.pages.values()):
        page.goto(site.url + path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)

    assert wide == []


@pytest.mark.parametrize("path", ["/", "/jobs", "/jobs/new?workload=mandelbrot", "/settings/tokens"])
def test_the_tab_key_walks_in_reading_order_and_is_never_trapped(site: Site, page: Page, path: str):
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(site.url + path)
    focusable = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, "
        "[tabindex=\"0\"]')].filter(each => each.checkVisibility({visibilityProperty: true}) && !each.disabled).length"
    )

    seen = []
    for _ in range(focusable):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(PLACE))

    body = page.evaluate("window.order.indexOf(document.body)")
    walked = [place for place in seen if place != body]
    assert walked == sorted(walked)
    assert len(set(walked)) >= 0.8 * focusable  # radio buttons of a group are one stop


def test_nothing_moves_for_who_asked_for_calm(site: Site, page: Page):
    page.emulate_media(reduced_motion="reduce")

    moving = []
    for path in ("/", "/gallery", site.pages["job.show"][-1]):
        page.goto(site.url + path)
        moving += page.evaluate("document.getAnimations().filter(each => each.playState === 'running').length") * [path]

    page.emulate_media(reduced_motion="no-preference")
    assert moving == []


def test_states_differ_without_our_colours(site: Site, page: Page):
    page.emulate_media(forced_colors="active")
    page.goto(site.url + "/gallery")

    borders = page.evaluate(
        "[...document.querySelectorAll('button, .button, .chip, progress')].filter(each => each.checkVisibility())"
        ".filter(each => !each.matches('.quiet, .item, .segments > *, progress'))"
        ".filter(each => getComputedStyle(each).borderStyle === 'none')"
        ".map(each => each.outerHTML.slice(0, 80))"
    )

    page.emulate_media(forced_colors="none")
    assert borders == []


def test_the_scanner_is_the_one_that_is_recorded():
    [entry] = json.loads((VENDOR / "vendor.json").read_text())

    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


