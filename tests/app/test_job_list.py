"""The list of jobs: searched, filtered, sorted and paged by the server, all of it in the URL."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update

from store.models import Job, JobState
from store.people import person_by_email
from tests.app.conftest import Browser, signed_in
from tests.app.statements import statements

T0 = 1_700_000_000.0


def jobs_of(browser: Browser, *given: dict[str, Any]) -> list[int]:
    """New jobs of that person, in this order."""
    app = browser.client.application
    with app.extensions["database"].writing() as session:
        owner = person_by_email(session, browser.email)
        assert owner is not None
        usual = {
            "owner_id": owner.id, "workload": "wait", "variant": "python", "parameters": {}, "items_total": 10,
            "state": JobState.SUCCEEDED, "next_item": 10, "created_at": T0, "started_at": T0, "ended_at": T0 + 1,
        }  # fmt: skip
        return [session.scalar(insert(Job).returning(Job.id), {**usual, **each}) or 0 for each in given]


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="row" href="/jobs/(\d+)"', page)]


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, f"there is no {rel} page"
    return found[1].replace("&amp;", "&")


@pytest.fixture
def owner(each_app: Flask) -> Browser:
    """Somebody with no job yet, on each database."""
    return signed_in(each_app, "runner")


def test_a_search_finds_titles_keys_variants_and_numbers(owner: Browser):
    mandelbrot, word_count, wait = jobs_of(
        owner, {"workload": "mandelbrot", "variant": "numpy"}, {"workload": "word-count"}, {}
    )

    for words, expected in {
        "MANDEL": [mandelbrot], "Mandelbrot set": [mandelbrot], "numpy": [mandelbrot], "word": [word_count],
        f"#{wait}": [wait], str(wait): [wait], "no such thing": [], "%": [], "_": [],
    }.items():  # fmt: skip
        assert shown(owner.get("/jobs", query_string={"q": words}).text) == expected, words


def test_filters_stand_in_the_url_and_in_the_form(owner: Browser):
    _, failed, running = jobs_of(
        owner, {}, {"state": JobState.FAILED}, {"state": JobState.RUNNING, "ended_at": None, "workload": "random-sum"}
    )

    assert shown(owner.get("/jobs?state=failed").text) == [failed]
    assert shown(owner.get("/jobs?state=open").text) == [running]
    page = owner.get("/jobs?workload=random-sum&state=running&q=sum").text
    assert shown(page) == [running]
    assert '<option value="running" selected>' in page
    assert '<option value="random-sum" selected>' in page
    assert 'value="sum"' in page


def test_a_list_without_matches_says_so_and_leads_back(owner: Browser):
    jobs_of(owner, {})

    page = owner.get("/jobs?q=<b>&state=failed").text

    assert "No job fits" in page
    assert "Nothing is found for “&lt;b&gt;” with these filters." in page
    assert 'href="/jobs">Show all jobs' in page


@pytest.mark.parametrize(("sort", "column"), [("took", "ended_at"), ("items", "items_total")])
def test_the_largest_come_first_and_pages_lead_both_ways(owner: Browser, sort: str, column: str):
    sizes = [(7 * number) % 30 // 2 for number in range(60)]  # each several times: ties fall on page borders
    base = T0 if sort == "took" else 0
    ids = jobs_of(owner, *({column: base + size + 1} for size in sizes))
    expected = [job_id for _, job_id in sorted(zip(sizes, ids, strict=True), reverse=True)]

    first = owner.get(f"/jobs?sort={sort}").text
    second = owner.get(link(first, "next")).text
    third = owner.get(link(second, "next")).text
    back = owner.get(link(third, "prev")).text

    assert shown(first) + shown(second) + shown(third) == expected
    assert shown(back) == shown(second)
    assert shown(owner.get(link(back, "prev")).text) == shown(first)
    assert 'rel="next"' not in third
    assert 'rel="prev"' not in first


def test_a_page_back_to_the_beginning_is_full(owner: Browser):
    ids = jobs_of(owner, *({} for _ in range(40)))

    page = owner.get(f"/jobs?before={ids[30]}~{ids[30]}").text  # nine are newer

    assert shown(page) == ids[:14:-1]
    assert 'rel="prev"' not in page


def test_a_job_that_is_not_over_took_nothing_yet(owner: Browser):
    running, short, long = jobs_of(owner, {"state": JobState.RUNNING, "ended_at": None}, {}, {"ended_at": T0 + 9})

    assert shown(owner.get("/jobs?sort=took").text) == [long, short, running]


@pytest.mark.parametrize(
    "query", ["sort=x", "state=x", "after=x", "after=nan~1", "before=1e400~1", f"after={'9' * 30}~1", "after=1~-1",
              "q=%00", "workload=%00", "mine=1", f"q={'x' * 5000}", "q=%ED%A0%80", "after=1~2&before=3~4",
              f"q={'9' * 40}"],
)  # fmt: skip
def test_a_query_that_does_not_fit_breaks_nothing(owner: Browser, query: str):
    jobs_of(owner, {})

    assert owner.get(f"/jobs?{query}").status_code == 200


def test_an_operator_may_look_at_their_own_jobs_only(each_app: Flask):
    operator, other = signed_in(each_app, "operator"), signed_in(each_app, "runner")
    own, foreign = jobs_of(operator, {})[0], jobs_of(other, {})[0]

    everybodys, mine = operator.get("/jobs").text, operator.get("/jobs?mine=1").text

    assert {own, foreign} <= set(shown(everybodys))
    assert shown(mine) == [own]
    assert shown(operator.get(f"/jobs?q={other.email}").text) == [foreign]
    assert "Everybody" not in other.get("/jobs").text


def test_nobody_finds_foreign_jobs(each_app: Flask):
    owner, stranger = signed_in(each_app, "runner"), signed_in(each_app, "runner")
    (job_id,) = jobs_of(owner, {})

    for query in (f"q={job_id}", f"q={owner.email}", "mine=", "state=succeeded", "sort=items"):
        assert shown(stranger.get(f"/jobs?{query}").text) == []


def test_a_page_of_the_list_takes_few_queries_however_many_jobs(owner: Browser):
    jobs_of(owner, *({} for _ in range(30)))

    for path in ("/jobs", "/jobs?q=wait&state=succeeded&sort=took"):
        with statements(owner.client.application) as sent:
            owner.get(path)
        assert len(sent) <= 6, sent


def test_only_the_first_page_with_open_jobs_refreshes_itself(owner: Browser):
    ids = jobs_of(owner, *({} for _ in range(30)))
    assert "hx-trigger" not in owner.get("/jobs").text
    with owner.client.application.extensions["database"].writing() as session:
        session.execute(update(Job).where(Job.id.in_((ids[0], ids[-1]))).values(state=JobState.RUNNING, ended_at=None))

    first = owner.get("/jobs").text

    assert 'hx-trigger="every 3s"' in first
    assert "hx-trigger" not in owner.get(link(first, "next")).text
