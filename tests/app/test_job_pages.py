"""The pages of jobs: what a person reads while one is queued, when it has ended, and in the list."""

import csv
import io
import json
import re

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import update

from store.accounts import create_token, service_account
from store.database import now_s
from store.models import Job, JobState
from tests.app.conftest import Browser, Program, job_of, let_workers_work, signed_in


@pytest.fixture
def owner(each_app: Flask) -> Browser:
    """Somebody with no job yet, on each database."""
    return signed_in(each_app, "runner")


def start(browser: Browser, workload: str, **fields: str) -> int:
    browser.get(f"/jobs/new?workload={workload}")
    return job_of(browser.post(f"/jobs/new?workload={workload}", fields))


def app_of(browser: Browser) -> Flask:
    app = browser.client.application
    assert isinstance(app, Flask)
    return app


def squeezed(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_queued_job_says_what_it_waits_for_and_refreshes_itself(owner: Browser):
    job_id = start(owner, "random-sum", items="12")

    page = owner.get(f"/jobs/{job_id}").text

    assert "0 % 0 of 12 items" in squeezed(page)
    assert "waits for a free worker" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert f"<title>0 % · Random sum #{job_id} · Dynometer</title>" in page
    assert "Cancel" in page
    assert "NDJSON" not in page


def test_the_live_part_is_not_sent_twice(owner: Browser):
    job_id = start(owner, "random-sum")
    first = owner.get(f"/jobs/{job_id}/live")

    again = owner.get(f"/jobs/{job_id}/live", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.text == ""
    assert first.headers["ETag"].replace('"', '\\"') in first.text  # the page asks with it next time


def test_the_live_part_brings_the_report_when_the_job_ends(owner: Browser):
    job_id = start(owner, "random-sum", items="3", **{"parameters.numbers": "100"})
    before = owner.get(f"/jobs/{job_id}/live").headers["ETag"]
    let_workers_work(app_of(owner), job_id)

    part = owner.get(f"/jobs/{job_id}/live", headers={"If-None-Match": before, "HX-Request": "true"}).text

    assert "Succeeded: 3 items in" in part
    assert "hx-trigger" not in part
    assert f"<title>Succeeded · Random sum #{job_id}" in part
    assert 'id="downloads"' in part
    assert "hx-swap-oob" not in part
    assert "NDJSON" in part


def test_the_report_has_the_verdict_the_value_and_each_nodes_share(owner: Browser):
    job_id = start(owner, "option-price", items="4", **{"parameters.paths_per_item": "1000"})
    let_workers_work(app_of(owner), job_id)

    page = owner.get(f"/jobs/{job_id}").text

    assert "Succeeded: 4 items in" in squeezed(page)
    assert "standard error" in page
    assert "worker.1 100 % 4 " in squeezed(page)
    assert 'viewBox="0 0 4 1"' in page  # the track is the whole job
    assert "Cancel" not in page
    assert "htmx" not in page.split("</head>")[1]


def test_results_download_in_item_order(owner: Browser):
    job_id = start(owner, "random-sum", items="25", **{"parameters.numbers": "10"})
    let_workers_work(app_of(owner), job_id)

    ndjson = owner.get(f"/jobs/{job_id}/results.ndjson")
    table = owner.get(f"/jobs/{job_id}/results.csv")

    lines = [json.loads(line) for line in ndjson.text.splitlines()]
    assert [line["item"] for line in lines] == list(range(25))
    assert all(line.keys() == {"item", "ok", "value"} and line["ok"] for line in lines)
    assert ndjson.headers["Content-Disposition"] == f'attachment; filename="random-sum-{job_id}.ndjson"'
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [(int(row["item"]), row["ok"], int(row["value"])) for row in rows] == [
        (line["item"], "true", line["value"]) for line in lines
    ]


def test_the_picture_grows_and_is_not_sent_twice(owner: Browser):
    job_id = start(owner, "mandelbrot", items="4", **{"parameters.width": "32", "parameters.height": "16"})
    empty = owner.get(f"/jobs/{job_id}/picture.png")
    let_workers_work(app_of(owner), job_id)

    whole = owner.get(f"/jobs/{job_id}/picture.png", headers={"If-None-Match": empty.headers["ETag"]})

    assert Image.open(io.BytesIO(empty.data)).convert("RGBA").getextrema()[3] == (0, 0)  # nothing painted
    assert Image.open(io.BytesIO(whole.data)).size == (32, 16)
    assert Image.open(io.BytesIO(whole.data)).convert("RGBA").getextrema()[3] == (255, 255)  # everything
    again = owner.get(f"/jobs/{job_id}/picture.png", headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


def test_tiles_come_once_each_with_the_palette_at_first(owner: Browser):
    job_id = start(owner, "mandelbrot", items="4", **{"parameters.width": "32", "parameters.height": "16"})
    let_workers_work(app_of(owner), job_id)

    first = owner.get(f"/jobs/{job_id}/tiles").json

    assert (first["width"], first["height"], first["is_final"], first["has_more"]) == (32, 16, True, False)
    assert sum(tile["width"] * tile["height"] for tile in first["tiles"]) == 32 * 16
    later = owner.get(f"/jobs/{job_id}/tiles?since={first['cursor'] + 10}").json
    assert later["tiles"] == []
    assert "palette" not in later


@pytest.mark.parametrize("since", ["nan", "inf", "x", "", "-1e400"])
def test_a_cursor_that_is_no_number_starts_from_the_beginning(runner: Browser, since: str):
    job_id = start(runner, "mandelbrot")

    assert "palette" in runner.get(f"/jobs/{job_id}/tiles?since={since}").json


def test_a_job_without_a_picture_has_none(runner: Browser):
    job_id = start(runner, "wait")

    assert runner.get(f"/jobs/{job_id}/picture.png").status_code == 404


def test_a_job_is_cancelled_with_one_press(owner: Browser):
    job_id = start(owner, "wait", items="1000")
    owner.get(f"/jobs/{job_id}")

    page = owner.post(f"/jobs/{job_id}/cancel", follow=True)

    assert "Cancelled after" in squeezed(page.text)
    assert "with 0 of 1,000 items done" in squeezed(page.text)
    assert "Cancel<" not in page.text
    assert owner.post(f"/jobs/{job_id}/cancel").status_code == 303  # pressed twice: nothing breaks


def test_a_job_over_a_minute_old_is_cancelled_after_a_question(owner: Browser):
    job_id = start(owner, "wait", items="1000")
    made_older(owner, job_id, by_s=61.0)
    owner.get(f"/jobs/{job_id}")

    question = owner.post(f"/jobs/{job_id}/cancel", follow=True)

    assert "Cancel this job?" in question.text
    assert "0 of 1,000 items are done" in squeezed(question.text)
    assert "0 % 0 of 1,000 items" in squeezed(owner.get(f"/jobs/{job_id}").text)
    owner.get(f"/jobs/{job_id}/cancel")
    assert "Cancelled after" in owner.post(f"/jobs/{job_id}/cancel", {"sure": "1"}, follow=True).text


def made_older(browser: Browser, job_id: int, by_s: float) -> None:
    with app_of(browser).extensions["database"].writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(created_at=Job.created_at - by_s))


def test_nobody_is_asked_whether_to_cancel_what_is_over(runner: Browser):
    job_id = start(runner, "wait")
    runner.post(f"/jobs/{job_id}/cancel")

    assert runner.get(f"/jobs/{job_id}/cancel").location == f"/jobs/{job_id}"


def test_nothing_changes_by_looking(runner: Browser):
    job_id = start(runner, "wait")

    runner.get(f"/jobs/{job_id}/cancel")

    assert "queued" in runner.get("/jobs").text


def test_a_running_job_has_its_time_so_far_in_the_list(owner: Browser):
    job_id = start(owner, "wait")
    with app_of(owner).extensions["database"].writing() as session:
        running = {"state": JobState.RUNNING, "started_at": now_s() - 100.0}
        session.execute(update(Job).where(Job.id == job_id).values(running))

    assert re.search(r"1:4\d min so far", squeezed(owner.get("/jobs").text))


def test_the_first_results_stand_on_the_page_beside_what_went_in(owner: Browser):
    owner.get("/jobs/new?workload=factorise")
    lines = "\n".join(map(str, [12, 97, *range(100, 120)]))
    job_id = job_of(owner.post("/jobs/new?workload=factorise", {"source": "own", "lines": lines}))
    let_workers_work(app_of(owner), job_id)

    page = squeezed(owner.get(f"/jobs/{job_id}").text)

    assert "First results of 22 Item Input Value 0 12 [[2, 2], [3, 1]] 1 97 [[97, 1]] 2 100 " in page
    assert " 9 107 " in page
    assert " 10 108 " not in page
    assert "hard percent" not in page  # it did nothing


def test_a_generated_jobs_page_has_its_first_results_and_parameters(owner: Browser):
    job_id = start(owner, "random-sum", items="3", **{"parameters.numbers": "10"})
    let_workers_work(app_of(owner), job_id)

    page = squeezed(owner.get(f"/jobs/{job_id}").text)

    assert "Results Item Value 0 " in page
    assert "numbers 10" in page


def test_the_commonest_words_stand_on_the_page(owner: Browser):
    owner.get("/jobs/new?workload=word-count")
    answer = owner.post("/jobs/new?workload=word-count", {"source": "own", "lines": "to be or\nnot to be to"})
    let_workers_work(app_of(owner), job_of(answer))

    part = owner.get(f"/jobs/{job_of(answer)}/live").text

    assert "Commonest words Word Times to 3 be 2 not 1 or 1" in squeezed(part)


def test_a_job_made_on_the_command_line_says_so(app: Flask):
    with app.extensions["database"].writing() as session:
        token = create_token(session, service_account(session).id, "tests")
    Program(app.test_client(), token, "").post("/api/v1/jobs", json={"workload": "wait"})

    page = signed_in(app, "operator").get("/jobs").text

    assert "made on the command line" in page
    assert "console@localhost" not in page


def test_the_list_pages_from_newest_to_oldest(owner: Browser):
    job_ids = [start(owner, "wait") for _ in range(27)]

    newest = owner.get("/jobs").text
    older = owner.get(re.search(r'rel="next" href="([^"]+)"', newest)[1]).text  # type: ignore[index]

    assert shown(newest) == job_ids[:1:-1]
    assert shown(older) == job_ids[1::-1]
    assert 'rel="next"' not in older


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="row" href="/jobs/(\d+)"', page)]


def test_an_empty_list_leads_on(owner: Browser):
    page = owner.get("/jobs").text

    assert "There are no jobs yet." in page
    assert 'href="/workloads"' in page


def test_the_overview_leads_from_nothing_to_the_first_job(fresh_app: Flask):
    page = signed_in(fresh_app, "runner").get("/").text

    assert "No worker node is alive." in page
    assert "Start your first job" in page


def test_one_press_on_the_overview_starts_the_first_job_and_the_button_stays(owner: Browser):
    owner.get("/")

    job_id = job_of(owner.post("/jobs/new?workload=mandelbrot", {"variant": "numpy"}))

    assert "0 of 256 items" in owner.get(f"/jobs/{job_id}").text
    assert 'action="/jobs/new?workload=mandelbrot"' in owner.get("/").text


def test_the_overview_shows_what_runs_what_ended_and_who_works(owner: Browser):
    ended = start(owner, "random-sum", items="3", **{"parameters.numbers": "10"})
    let_workers_work(app_of(owner), ended)
    waiting = start(owner, "wait")

    page = owner.get("/").text

    assert "1 worker node with 1 worker process" in squeezed(page)
    assert (
        page.index(f"Follow Wait #{waiting}")  # what to do next
        < page.index("Newest jobs")
        < page.index(f'class="row" href="/jobs/{waiting}"')
        < page.index(f'class="row" href="/jobs/{ended}"')
    )


@pytest.mark.parametrize(
    "path", ["/jobs/0", "/jobs/999999", f"/jobs/{2**63 - 1}", f"/jobs/{2**63}", f"/jobs/{10**40}", "/jobs/x"]
)
def test_a_job_that_is_not_there(runner: Browser, path: str):
    page = runner.get(path)

    assert page.status_code == 404
    assert "There is nothing here" in page.text


@pytest.mark.parametrize("cursor", ["0", "-1", "x", str(2**63), str(10**40), "9" * 400 + "~1", "1~" + "9" * 400])
def test_a_cursor_from_nowhere_shows_a_page(runner: Browser, cursor: str):
    for name in ("before", "after"):
        assert runner.get(f"/jobs?{name}={cursor}").status_code == 200


def test_the_workloads_say_what_they_teach(runner: Browser):
    page = runner.get("/workloads").text

    assert "Mandelbrot set" in page
    assert "Teaches" in page
    assert 'href="/jobs/new?workload=factorise"' in page


def test_what_a_user_typed_is_text_on_every_page(owner: Browser):
    hostile = "<script>alert(1)</script>"
    owner.get("/jobs/new?workload=word-count")
    answer = owner.post("/jobs/new?workload=word-count", {"source": "own", "lines": f"{hostile} {hostile}"})
    let_workers_work(app_of(owner), job_of(answer))

    page = owner.get(f"/jobs/{job_of(answer)}").text

    assert "Succeeded" in page
    assert hostile not in page
