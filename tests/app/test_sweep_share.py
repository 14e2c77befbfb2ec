"""Public links: made, read by anybody, revoked; they tell nothing of who asks, and of the owner only the sweep."""

import re
from html import unescape

import pytest
from flask import Flask

from dynometer.report.report import make_report
from store import audit
from store.sweep_shares import LETTERS, MOST_OPEN, SLUG_CHARS
from tests.app import made_sweeps
from tests.app.conftest import Browser, signed_in
from tests.app.statements import statements
from tests.report.made import made

FILES = ("", ".png", ".csv", ".json", ".html", ".md", "/scaling.json", "/lanes.json", "/badge.svg", "/badge.json")


def slug_on(page: str) -> str:
    found = re.search(r'href="/r/([^"]+)"', page)
    assert found, "no link"
    return found[1]


def actions(app: Flask, email: str) -> list[str]:
    with app.extensions["database"].reading() as session:
        return [entry.action for entry in audit.entries(session, audit.Wanted(who=email), 10)]


@pytest.fixture
def sweep_id(app: Flask, runner: Browser) -> int:
    return made_sweeps.finished(app, runner.email, made(noise=0.01), "Nightly")


def test_a_link_is_made_read_by_a_stranger_and_revoked(app: Flask, runner: Browser, sweep_id: int):
    page = runner.post(f"/sweeps/{sweep_id}/share", follow=True).text
    slug, stranger = slug_on(page), app.test_client()

    opened = [stranger.get(f"/r/{slug}{part}") for part in FILES]
    runner.post(f"/sweeps/{sweep_id}/share/revoke", {"slug": slug})
    closed = [stranger.get(f"/r/{slug}{part}") for part in FILES]

    assert {answer.status_code for answer in opened} == {200}
    assert {answer.status_code for answer in closed} == {404}
    assert len(slug) == SLUG_CHARS
    assert set(slug) <= set(LETTERS)
    assert actions(app, runner.email)[:2] == ["share-revoked", "share-made"]


def test_what_is_shared_is_the_report_and_nobodys_address(app: Flask, runner: Browser, sweep_id: int):
    slug = made_sweeps.shared(app, runner.email, sweep_id)
    answers = [app.test_client().get(f"/r/{slug}{part}") for part in FILES if part != ".png"]
    page = unescape(answers[0].text)

    assert make_report(made(noise=0.01)).verdict in page
    assert "Open a copy" in page
    assert '<meta property="og:image" content="http://localhost/r/' in page
    for answer in answers:
        assert runner.email not in answer.text, answer.request.path
        assert "Set-Cookie" not in answer.headers
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert not re.search(r'href="/sweeps/\d|csrf|/compare', page)


def test_no_session_is_asked_for(app: Flask, runner: Browser, sweep_id: int):
    slug = made_sweeps.shared(app, runner.email, sweep_id)
    with statements(app) as asked:
        as_owner = runner.get(f"/r/{slug}")

    assert not [each for each in asked if "sign_in" in each or "user" in each.lower().split("from")[-1]]
    assert runner.email not in as_owner.text


def test_it_needs_no_script(app: Flask, runner: Browser, sweep_id: int):
    slug = made_sweeps.shared(app, runner.email, sweep_id)
    page = app.test_client().get(f"/r/{slug}").text
    drawn = re.search(r'<noscript>.*?<img src="([^"]+)"', page, re.DOTALL)

    assert drawn
    assert app.test_client().get(unescape(drawn[1])).mimetype == "image/svg+xml"


@pytest.mark.parametrize("slug", ["conflict", "x" * 500, "..", "%00", "a'b", "'; drop", "é" * 10])
def test_a_guess_opens_nothing(app: Flask, slug: str):
    assert app.test_client().get(f"/r/{slug}").status_code == 404


def test_only_what_is_over_and_measured_is_shared(app: Flask, runner: Browser):
    for sweep_id in (made_sweeps.running(app, runner.email), made_sweeps.failed(app, runner.email)):
        page = runner.post(f"/sweeps/{sweep_id}/share", follow=True).text

        assert "No link was made" in page
        assert "/r/" not in page.split("<main")[-1]


def test_links_have_an_end_and_belong_to_their_sweep(app: Flask, runner: Browser, sweep_id: int):
    other = made_sweeps.finished(app, runner.email)
    slugs = [made_sweeps.shared(app, runner.email, sweep_id) for _ in range(MOST_OPEN)]

    assert "Revoke one first" in runner.post(f"/sweeps/{sweep_id}/share", follow=True).text
    assert "was over already" in runner.post(f"/sweeps/{other}/share/revoke", {"slug": slugs[0]}, follow=True).text
    assert app.test_client().get(f"/r/{slugs[0]}").status_code == 200
    assert signed_in(app, "runner").post(f"/sweeps/{sweep_id}/share/revoke", {"slug": slugs[0]}).status_code == 404
