"""Links to live fragments: who may make them, how long they open, and nothing else."""

import pytest
from flask import Flask

from app import fragment_links
from app.fragment_links import is_valid, key_of, live_url, window_now
from tests.app.conftest import Browser, Program, job_of


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Go to so many windows from now."""
    now = window_now(7)

    def go(windows: int) -> None:
        monkeypatch.setattr(fragment_links, "window_now", lambda job_id: now + windows)

    return go


def test_a_link_opens_for_its_window_and_the_next(app: Flask, at):
    with app.test_request_context():
        at(0)
        key = key_of(7)

        opens = []
        for windows in (-1, 0, 1, 2):
            at(windows)
            opens.append(is_valid(7, key))

    assert opens == [False, True, True, False]


@pytest.mark.parametrize("key", ["", "0" * 32, "é" * 16, "\udcff", "x" * 5_000])
def test_nothing_else_opens(app: Flask, key: str):
    with app.test_request_context():
        assert not is_valid(7, key)
        assert not is_valid(7, key_of(7) + key[:1]) or not key
        assert not is_valid(8, key_of(7))


def test_another_secret_makes_other_links(app: Flask, make_app, make_database):
    other = make_app(make_database("sqlite"), secret_key="another secret of the tests, also long enough")
    with app.test_request_context():
        key = key_of(7)
    with other.test_request_context():
        assert not is_valid(7, key)


def test_jobs_change_their_links_at_different_moments():
    ahead = {(job_id * 61) % fragment_links.WINDOW_S for job_id in range(100)}

    assert len(ahead) == 100


def test_what_a_link_opens_is_the_fragment_alone(app: Flask, runner: Browser, program: Program):
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "mandelbrot", "items": 4}))
    with app.test_request_context():
        link = live_url(job_id)
    key = link.split("?")[1]

    assert runner.get(link).status_code == 200  # somebody else's job: whoever holds the link may look
    for path in ("", "/live", "/tiles", "/picture.png", "/results.ndjson", "/cancel"):
        assert runner.get(f"/jobs/{job_id}{path}?{key}").status_code == 404, path
    assert runner.get(f"/api/v1/jobs/{job_id}?{key}").status_code in (404, 422)
    assert runner.get(link).headers["Cache-Control"] == "public, max-age=1"  # without nginx: nothing stale for anybody
