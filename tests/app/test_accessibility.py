"""Nobody is shut out: every page passes axe-core in both colours on a desktop and on a phone, and what axe can't see."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from settings import Settings
from tests.app.browsing import open_page, serving, the_browser
from tests.app.conftest import SECRET
from tests.app.installations import MAKERS, Installation
from tests.app.screens import NO_PAGES, PROBLEMS, SCREENS, Screen
from tests.databases import Databases

pytestmark = pytest.mark.services
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
NARROW_PX = (320, 640)  # 1280 px at 400 % and at 200 %
QUICKLY = {"resultTypes": ["violations"], "preload": False}  # no requests of its own for the style sheets
RULES = QUICKLY | {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = QUICKLY | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LOOKS = [(colours, size, rules) for colours, rules in (("light", RULES), ("dark", COLOURS)) for size in (WIDE, PHONE)]
VIOLATIONS = """async (rules) => (await axe.run(document, rules)).violations.map(({ id, impact, nodes }) =>
  [impact, id, ...nodes.map((node) => node.target.join(" ") + ": " + node.failureSummary)])"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Find = Callable[[str], Installation]


@pytest.fixture(scope="module")
def installation(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Find]:
    """The one of this name: made for the first who asks."""
    made: dict[str, Installation] = {}
    with ExitStack() as ends:

        def find(name: str) -> Installation:
            if name not in made:
                folder = tmp_path_factory.mktemp("installation")
                given = Settings(data_dir=folder, database_url=databases.sqlite(), secret_key=SECRET, development=True)
                app = create_app(given)
                made[name] = MAKERS[name](app, ends.enter_context(serving(app)))
            return made[name]

        yield find


@pytest.fixture(scope="module")
def screen_page(chromium_binary: str) -> Iterator[Page]:
    """One for all screens: each is loaded once, then looked at in every colour and size."""
    made = open_page(the_browser(chromium_binary), [], viewport=WIDE, reduced_motion="reduce")
    made.add_init_script(AXE)  # comes by the browser's tools, so the page's policy stays as it is
    yield made
    made.context.close()


@pytest.fixture
def page(screen_page: Page) -> Page:
    screen_page.emulate_media(color_scheme="light", reduced_motion="reduce", forced_colors="none")
    screen_page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    screen_page.context.clear_cookies()
    return screen_page


def visit(page: Page, screen: Screen, find: Find) -> None:
    """As far as the screen is meant, and not a page that says what went wrong in its place."""
    home = find(screen.where)
    if screen.who:
        page.context.add_cookies([{"name": "dynometer", "value": home.cookie_of(screen.who), "url": home.url}])
    answer = page.goto(home.url + screen.path.format(**home.ids))
    assert answer is not None
    assert answer.status == screen.status
    for action, selector, *value in screen.presses:
        for element in page.locator(selector).all() if action == "fill" else [page.locator(selector).first]:
            getattr(element, action)(*filter(None, value))
    if screen.name.endswith(", wrong"):
        expect(page.locator("#summary")).to_be_visible()
    elif screen.name.endswith(", made"):
        expect(page.locator(".done")).to_be_visible()
    assert (page.locator("article.problem").count() == 1) == (screen in PROBLEMS), page.title()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_has_no_grave_violation_and_fits_every_width(screen: Screen, installation: Find, page: Page):
    visit(page, screen, installation)

    found: list[Any] = []
    for colours, size, rules in LOOKS:
        page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        violations = page.evaluate(VIOLATIONS, rules)
        found += [(colours, size["width"], *each) for each in violations if each[0] in ("serious", "critical")]
    for width in NARROW_PX:
        page.set_viewport_size({"width": width, "height": 740})
        if (pixels := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{pixels} px too wide for {width} px")

    assert not found, json.dumps(found, indent=2)


def test_every_page_of_the_app_is_looked_at(installation: Find):
    rules = installation("new").app.url_map.iter_rules()
    asked = {rule.endpoint for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")}

    assert asked - NO_PAGES == {screen.endpoint for screen in SCREENS if screen.endpoint}


def test_axe_is_heard_when_something_is_wrong(page: Page):
    page.goto("data:text/html,<title>x</title><img src=x><p style='color:%23ccc'>pale</p>")

    found = {(impact, rule) for impact, rule, *_ in page.evaluate(VIOLATIONS, RULES)}

    assert found == {("critical", "image-alt"), ("serious", "color-contrast"), ("serious", "html-has-lang")}
