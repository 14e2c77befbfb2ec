"""Nobody is shut out: every page passes axe-core in both colours on a desktop and on a phone."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from app import create_app
from settings import Settings
from tests.app.browsing import open_page, serving, the_browser
from tests.app.conftest import SECRET
from tests.app.installations import MAKERS, Installation
from tests.app.screens import NO_PAGES, SCREENS, Screen
from tests.databases import Databases

pytestmark = pytest.mark.services
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKS = [(colours, size) for colours in ("light", "dark") for size in (WIDE, PHONE)]
GRAVE = ("serious", "critical")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"], "preload": False}
FOUND = """async (rules) => (await axe.run(document, rules)).violations.map(
  ({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.target.join(" ") + ": " + node.any.concat(node.all, node.none).map((each) => each.message).join("; ")) }))"""


@pytest.fixture(scope="module")
def installation(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Installation]]:
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
def page(chromium_binary: str) -> Iterator[Page]:
    """One for all screens: loaded once for each, then looked at in every colour and size."""
    made = open_page(the_browser(chromium_binary), [], viewport=WIDE, reduced_motion="reduce")
    made.add_init_script(AXE)  # comes by the browser's tools, so the page's policy stays as it is
    yield made
    made.context.close()


def visit(page: Page, screen: Screen, home: Installation) -> None:
    page.context.clear_cookies()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    if screen.who:
        page.context.add_cookies([{"name": "dynometer", "value": home.cookie_of(screen.who), "url": home.url}])
    page.goto(home.url + screen.path.format(**home.ids))
    for action, selector, *value in screen.presses:
        getattr(page, action)(selector, *filter(None, value))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_grave(screen: Screen, installation: Callable[[str], Installation], page: Page):
    visit(page, screen, installation(screen.where))

    found: dict[str, Any] = {}
    for colours, size in LOOKS:
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size(size)
        violations = [each for each in page.evaluate(FOUND, RULES) if each["impact"] in GRAVE]
        found |= {f"{colours}, {size['width']} px": violations} if violations else {}

    assert not found, json.dumps(found, indent=2)


def test_every_page_of_the_app_is_looked_at(installation: Callable[[str], Installation]):
    rules = installation("new").app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")}

    assert pages == {screen.endpoint for screen in SCREENS if screen.endpoint} | NO_PAGES & pages
    assert pages >= NO_PAGES
