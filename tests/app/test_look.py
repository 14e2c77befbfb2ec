"""What one sees: colours that everybody can tell apart, pages that are light, and one piece of every kind."""

import gzip
import itertools
import math
import re

import pytest
from flask import Flask

from app.assets import STATIC
from app.next_step import next_step
from app.palette import DARK, LIGHT, SERIES
from app.problems import KINDS
from dynometer.workloads import BUILT_IN
from settings import ConfigError
from store.pulse import Pulse
from tests.app.conftest import Browser, job_of, let_workers_work, signed_in

TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"(--[a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", (STATIC / "css/base.css").read_text()
    )
}
SCHEMES = ("light", "dark")
SEEN = {  # linear RGB as it is seen: Machado, Oliveira, Fernandes, IEEE TVCG 15 (2009), severity 1
    "all": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}  # fmt: skip

CONES = (  # of oklab
    (0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)  # fmt: skip
AXES = (
    (0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)  # fmt: skip


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2."""
    darker, lighter = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)
    )
    return (lighter + 0.05) / (darker + 0.05)


def oklab(colour: str, eyes: str) -> tuple[float, ...]:
    """B. Ottosson, A perceptual color space for image processing (2020)."""
    seen = [min(1.0, max(0.0, sum(w * c for w, c in zip(row, linear(colour), strict=True)))) for row in SEEN[eyes]]
    roots = [sum(w * c for w, c in zip(row, seen, strict=True)) ** (1 / 3) for row in CONES]
    return tuple(sum(w * c for w, c in zip(row, roots, strict=True)) for row in AXES)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("eyes", SEEN)
def test_any_two_series_can_be_told_apart_by_colour_alone(scheme: str, eyes: str):
    colours = [getattr(series, scheme) for series in SERIES]

    distances = {
        pair: math.dist(*(oklab(colour, eyes) for colour in pair)) for pair in itertools.combinations(colours, 2)
    }

    assert min(distances.values()) > 0.09, min(distances, key=lambda pair: distances[pair])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_stand_out_from_their_ground_and_words_can_be_read(scheme: str):
    of = {name: both[SCHEMES.index(scheme)] for name, both in TOKENS.items()}

    for ground in ("--paper", "--surface"):
        for line in (*(series.token for series in SERIES), "--accent", "--edge"):
            assert contrast(of[line], of[ground]) >= 3, (line, ground)
        for words in ("--ink", "--muted", "--accent", "--good", "--warn", "--bad"):
            assert contrast(of[words], of[ground]) >= 4.5, (words, ground)
    for words, ground in (
        ("--muted", "--sunk"), ("--muted", "--wash"), ("--accent", "--wash"), ("--good", "--good-wash"),
        ("--warn", "--warn-wash"),
        ("--bad", "--bad-wash"), ("--on-accent", "--accent"), ("--on-accent", "--accent-strong"), ("--on-bad", "--bad"),
        ("--ink", "--raised"), ("--ink", "--warn-wash"),
    ):  # fmt: skip
        assert contrast(of[words], of[ground]) >= 4.5, (words, ground)
    assert contrast(of["--accent"], of["--track"]) >= 3


def test_charts_and_pages_have_the_same_colours():
    assert {series.token: (series.light, series.dark) for series in SERIES} == {
        name: both for name, both in TOKENS.items() if name.startswith("--series")
    }
    for name in ("ground", "ink", "muted", "grid"):
        assert TOKENS[f"--chart-{name}"] == (getattr(LIGHT, name), getattr(DARK, name))


def test_marks_and_dashes_tell_the_series_apart_without_colour():
    assert len({series.marker for series in SERIES}) == len({series.dash for series in SERIES}) == len(SERIES) == 6


def test_the_first_view_is_light():
    shared = [STATIC / "css" / f"{name}.css" for name in ("base", "layout", "parts", "pages")]
    scripts = [*(STATIC / "js").glob("*.js"), STATIC / "vendor" / "htmx.min.js"]

    packed = sum(len(gzip.compress(path.read_bytes())) for path in (*shared, *scripts))

    assert packed <= 60_000


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_built_in_workload_teaches_something(key: str):
    assert re.fullmatch(r"[A-Z0-9].{20,200}\.", BUILT_IN[key].teaches)


def test_the_chosen_colours_are_in_the_page_before_any_script_runs(runner: Browser):
    assert "data-theme" not in runner.get("/").text

    answer = runner.post("/appearance", {"theme": "dark", "next": "/workloads"})

    assert (answer.status_code, answer.location) == (303, "/workloads")
    assert '<html lang="en" data-theme="dark">' in runner.get("/workloads").text
    runner.post("/appearance", {"theme": "system"})
    assert "data-theme" not in runner.get("/").text


@pytest.mark.parametrize("planted", ['"><script>', "blue", "DARK", ""])
def test_colours_that_nobody_offers_are_no_colours(app: Flask, planted: str):
    browser = signed_in(app, "viewer")
    browser.client.set_cookie("theme", planted)

    assert '<html lang="en">' in browser.get("/").text
    refused = browser.post("/appearance", {"theme": planted})
    assert refused.status_code == 422
    assert "Theme must be one of system, light, dark" in refused.text


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org", ""])
def test_choosing_colours_leads_nowhere_else(runner: Browser, elsewhere: str):
    runner.get("/")

    assert runner.post("/appearance", {"theme": "light", "next": elsewhere}).location == "/"


def test_strangers_choose_colours_too(app: Flask):
    signed_in(app, "admin")
    visitor = Browser(app.test_client())
    visitor.get("/sign-in")

    visitor.post("/appearance", {"theme": "dark", "next": "/sign-in"})

    assert 'data-theme="dark"' in visitor.get("/sign-in").text


def test_single_keys_can_be_switched_off(runner: Browser):
    runner.get("/settings/appearance")

    runner.post("/appearance", {"keys": "off", "next": "/settings/appearance"})

    page = runner.get("/settings/appearance").text
    assert '<body data-keys="off">' in page
    assert "Switch single keys on" in page
    assert "<dialog" not in page


def test_every_page_says_how_the_fleet_is(fresh_app: Flask):
    browser = signed_in(fresh_app, "runner")
    browser.get("/jobs/new?workload=random-sum")
    assert "0 nodes · queue 0 s" in browser.page

    answer = browser.post("/jobs/new?workload=random-sum", {"items": "3", "parameters.numbers": "10"})
    let_workers_work(fresh_app, job_of(answer))

    assert "1 node · queue 0 s" in browser.get("/workloads").text


def test_the_next_step_follows_from_where_one_stands(fresh_app: Flask):
    browser = signed_in(fresh_app, "runner")
    browser.get("/jobs/new?workload=random-sum")
    job_id = job_of(browser.post("/jobs/new?workload=random-sum", {"items": "3", "parameters.numbers": "10"}))
    assert "Start a worker node" in browser.get("/").text

    let_workers_work(fresh_app, job_id)

    page = browser.get("/").text
    assert "Try Mandelbrot set" in page
    assert page.count('class="button primary"') == 1
    assert next_step([], Pulse(0, 0, 0, 0.0), BUILT_IN).command == "./dyno up --worker 2"  # type: ignore[union-attr]


def test_the_form_tells_how_long_the_last_one_took(runner: Browser, app: Flask):
    runner.get("/jobs/new?workload=wait")
    job_id = job_of(runner.post("/jobs/new?workload=wait", {"items": "3", "parameters.seconds": "0.001"}))
    let_workers_work(app, job_id)

    page = runner.get("/jobs/new?workload=wait").text

    assert re.search(rf'<a href="/jobs/{job_id}">3 items in \d', page)


def test_a_chunk_size_of_ones_own_is_read_and_shown_again(runner: Browser):
    runner.get("/jobs/new?workload=wait")
    page = runner.post("/jobs/new?workload=wait", {"chunk_items": "0"}).text
    assert '<details class="card fold" open>' in page
    assert 'id="chunk_items-wrong">must be from 1 to' in page

    assert runner.post("/jobs/new?workload=wait", {"chunk_items": "5"}).status_code == 303


def test_what_was_typed_under_the_other_source_is_not_meant(runner: Browser):
    runner.get("/jobs/new?workload=factorise")
    typed = {"lines": "twelve", "items": "a few", "upload_id": "1"}

    empty = runner.post("/jobs/new?workload=factorise", {"source": "pasted", "lines": " "})
    no_file = runner.post("/jobs/new?workload=factorise", {"source": "file", **typed, "upload_id": ""})

    assert 'id="lines-wrong">paste at least one line' in empty.text
    assert 'id="file-wrong">choose a file' in no_file.text
    assert runner.post("/jobs/new?workload=factorise", {"source": "pasted", "lines": "12"}).status_code == 303


@pytest.fixture
def development(make_app, make_database) -> Browser:
    return signed_in(make_app(make_database("sqlite"), development=True), "viewer")


def test_the_gallery_shows_every_piece_and_is_only_in_the_development_build(development: Browser, runner: Browser):
    page = development.get("/gallery").text

    macros = re.findall(r"{% macro (\w+)", (STATIC.parent / "templates/_parts.html").read_text())
    used = (STATIC.parent / "templates/gallery.html").read_text()
    inner = {"csrf", "wrong", "marks", "control", "post_button"}  # parts of others
    assert [name for name in macros if f"{name}(" not in used and name not in inner] == []
    assert page.count("</section>") > 8
    assert runner.get("/gallery").status_code == 404


@pytest.mark.parametrize("status", KINDS)
def test_every_problem_has_a_page_that_says_what_is_kept_and_what_to_do(development: Browser, status: int):
    answer = development.get(f"/gallery/problems/{status}")

    assert answer.status_code == status
    for words in (KINDS[status].title.replace("'", "&#39;"), "Kept", "What to do", answer.headers["X-Request-ID"]):
        assert words in answer.text, words
    assert re.findall(r'<script src="/static/js/([a-z]+)', answer.text) == ["trusted"]  # nothing that could fail


def test_the_development_build_serves_nobody_else(make_app):
    with pytest.raises(ConfigError, match="DYNOMETER_DEVELOPMENT"):
        make_app("sqlite://", development=True, hosts="dyno.example.org")
