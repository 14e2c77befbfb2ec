"""Nobody is shut out: every page through axe-core, light and dark, on a desktop and a phone; and what axe can't see."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
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
STOPS = """[...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary, [tabindex='0'])")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.type !== "hidden")"""
JUMPS = f"""() => {{
  const stops = {STOPS}.map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 80)]);
  return stops.slice(1).filter(([rect], before) => rect.bottom <= stops[before][0].top).map(([, html]) => html) }}"""
MOVING = "document.getAnimations().filter((each) => each.playState === 'running').length"
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
    screen_page.goto("about:blank")  # what the last screen still asks for must not bring a cookie of its own
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
def test_a_screen_is_for_everybody(screen: Screen, installation: Find, page: Page):
    visit(page, screen, installation)

    found: list[Any] = []
    for colours, size, rules in LOOKS:
        page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        violations = page.evaluate(VIOLATIONS, rules)
        found += [(colours, size["width"], *each) for each in violations if each[0] in ("serious", "critical")]
        found += ["too wide for its screen"] * (page.evaluate(TOO_WIDE) > 0)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found += [("the tab key jumps up to", html) for html in page.evaluate(JUMPS)]  # one column: down is forward
    found += ["something moves, though less motion is asked for"] * page.evaluate(MOVING)
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


@pytest.mark.parametrize("name", ["jobs", "new job, pasted items", "job, its table open", "tokens, revoked?"])
def test_the_tab_key_reaches_everything_and_is_never_trapped(name: str, installation: Find, page: Page):
    visit(page, screen_named(name), installation)
    names = "window.stops.map((each) => (each.type === 'radio' ? each.name : each.outerHTML.slice(0, 80)))"
    reachable = page.evaluate(f"window.stops = {STOPS}, {names}")
    page.evaluate("document.activeElement.blur(), document.querySelector('.skip').focus()")

    walked: list[int] = []
    while page.evaluate("document.activeElement !== document.body") and len(walked) < 200:
        page.keyboard.press("Tab")
        walked.append(page.evaluate("window.stops.indexOf(document.activeElement)"))

    inside = [place for place in walked if place >= 0]
    assert inside == sorted(set(inside))
    assert {reachable[place] for place in inside} == set(reachable)  # of radio buttons, the group is one stop
    assert page.evaluate("document.activeElement === document.body")  # on to the browser's own controls


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_forced_colours_leave_bars_and_states_apart(colours: str, installation: Find, page: Page):
    page.emulate_media(forced_colors="active", color_scheme=colours)  # type: ignore[arg-type]
    visit(page, screen_named("gallery"), installation)

    edges = page.evaluate(
        "[...document.querySelectorAll('main :is(.button, button, .chip, progress, .bar, .notice, .card, input)')]"
        ".filter((each) => each.checkVisibility() && !each.matches('.quiet, .segments *, .code *, [type=file]'))"
        ".filter((each) => !each.matches('[type=radio], [type=checkbox]'))"
        ".filter((each) => getComputedStyle(each).borderStyle === 'none').map((each) => each.outerHTML.slice(0, 80))"
    )
    shapes = page.evaluate(
        "[...document.querySelectorAll('.samples .chip')].map((chip) => getComputedStyle(chip, '::before'))"
        ".map((mark) => [mark.borderTopWidth, mark.borderRadius, mark.rotate, mark.height].join())"
    )

    assert edges == []
    assert len(set(shapes)) >= 5  # running and succeeded share the dot, and say so in words
    for bar in ("main progress >> nth=0", "main .meter .bar >> nth=0", "main .swatches svg >> nth=0"):
        assert page.locator(bar).evaluate("(each) => getComputedStyle(each).display") != "none"
        assert len(colours_of(page.locator(bar).screenshot())) >= 2, bar


def test_forced_colours_leave_the_chart_its_line(installation: Find, page: Page):
    page.emulate_media(forced_colors="active")
    visit(page, screen_named("job, succeeded"), installation)
    expect(page.locator(".plot svg")).to_be_visible()

    assert len(colours_of(page.locator(".plot svg").screenshot())) > 2


def screen_named(name: str) -> Screen:
    return next(screen for screen in SCREENS if screen.name == name)


def colours_of(png: bytes) -> set[tuple[int, ...]]:
    """Those that are not only the softened edge of something."""
    found = Image.open(io.BytesIO(png)).convert("RGB").getcolors(1 << 20) or []
    return {colour for count, colour in found if count > 20}  # type: ignore[misc]
