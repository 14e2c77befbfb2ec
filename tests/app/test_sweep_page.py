"""One sweep, from queued to its report: words, numbers, the live fragment, and who may see and stop it."""

import re
from html import unescape

import pytest
from flask import Flask

from dynometer.measure.trial import Point
from dynometer.report.report import make_report
from dynometer.report.sections import diagnosis_lines, law_lines
from store.sweep_models import Phase, SweepState
from store.sweeps import sweep_of
from tests.app import made_sweeps
from tests.app.conftest import Browser, signed_in
from tests.report.made import GIL, made, trial

HOSTILE = "<img src=x onerror=alert(1)>"


def words(page: str) -> str:
    """What a reader reads of the content."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[-1])).split())


def test_a_report_says_what_the_command_line_says(app: Flask, runner: Browser):
    result = made(noise=0.01, setbacks=made_sweeps.LOST)
    report = make_report(result)
    page = words(runner.get(f"/sweeps/{made_sweeps.finished(app, runner.email, result)}").text)

    assert report.verdict in page
    for sentence in (*report.details, *law_lines(report), *(finding.remedy for finding in report.findings)):
        assert sentence in page, sentence
    for finding in report.findings:
        assert finding.would_change in page
    for signal in report.diagnosis.agreeing:
        assert str(signal) in page
    assert next(diagnosis_lines(report)).partition(": ")[2].partition(" Evidence")[0] in page
    assert "threads (numpy) with 2: void. Item 3 gave 7, the reference 8." in page
    assert "A worker was killed by signal 9." in page
    assert "python -m dynometer sweep random-sum" in page


def test_rejected_windows_stay_in_the_table_with_their_reason(app: Flask, runner: Browser):
    result = made(noise=0.01)
    lost = trial(Point("pool", "python", 2), 1, 12.0, rejected=("Stolen time: 9 % of the window.",))
    sweep_id = made_sweeps.finished(app, runner.email, made_sweeps.replaced(result, trials=(*result.trials, lost)))

    page = runner.get(f"/sweeps/{sweep_id}").text

    assert "Stolen time: 9 % of the window." in page
    assert words(page).count("1 of 41 windows rejected (Stolen time 1); none of them is used.") == 1


def test_below_three_worker_counts_there_are_dots_and_the_reason(app: Flask, runner: Browser):
    sweep_id = made_sweeps.finished(app, runner.email, made(made_sweeps.SHORT, noise=0.01))
    page = words(runner.get(f"/sweeps/{sweep_id}").text)
    spec = runner.get(f"/sweeps/{sweep_id}/scaling.json").json

    assert "a law needs three, so dots and no line" in page
    assert "No law is fitted" in page or "no law" in page
    assert not [row for layer in spec["layer"] for row in layer.get("data", {}).get("values", [])
                if layer.get("data", {}).get("name") == "laws"]  # fmt: skip


@pytest.mark.parametrize(("phase", "said"), [
    (Phase.PROVING, "proves that all variants and models give equal values"),
    (Phase.MEASURING, "It measures on worker.1 , which does nothing else meanwhile"),
    (Phase.WAITING, "waits for the work at hand"),
])  # fmt: skip
def test_a_running_one_says_what_it_does(app: Flask, runner: Browser, phase: Phase, said: str):
    sweep_id = made_sweeps.running(app, runner.email, phase=phase)
    page = words(runner.get(f"/sweeps/{sweep_id}").text)

    assert said in page
    assert "8 of 8 points 16 of some 40 windows" in page
    assert "left" in page
    assert f"<title>40 % · Tutorial case #{sweep_id}" in runner.get(f"/sweeps/{sweep_id}").text


def test_points_of_the_whole_fleet_are_counted_in_windows_too(app: Flask, runner: Browser):
    sweep_id = made_sweeps.running(app, runner.email, blocks=5, phase=Phase.FLEET)
    made_sweeps.change(app, sweep_id, cluster_workers=[1, 2])
    page = words(runner.get(f"/sweeps/{sweep_id}").text)

    assert "runs its points of the whole fleet as jobs" in page
    assert "40 of some 48 windows, 8 points done" in page  # four for each of the two
    assert "8 of 10 points" in page
    assert "about 12 s to 40 s left" in page  # 8 jobs of 1.5 s and more, until the budget ends them


def test_what_happened_on_the_way_is_told(app: Flask, runner: Browser):
    sweep_id = made_sweeps.running(app, runner.email)
    made_sweeps.change(app, sweep_id, remarks=[f"Its process was killed {HOSTILE}."])

    page = runner.get(f"/sweeps/{sweep_id}").text

    assert "Its process was killed" in words(page)
    assert HOSTILE not in page


def test_the_live_fragment_is_made_once_for_each_version(app: Flask, runner: Browser):
    sweep_id = made_sweeps.running(app, runner.email)
    page = runner.get(f"/sweeps/{sweep_id}").text
    link = unescape(re.search(r'hx-get="(/live/sweeps/[^"]+)"', page)[1])  # type: ignore[index]
    first = app.test_client().get(link, headers={"HX-Request": "true"})
    known = {"HX-Request": "true", "If-None-Match": first.headers["ETag"]}

    again = app.test_client().get(link, headers=known)
    made_sweeps.change(app, sweep_id, phase=Phase.WAITING)
    changed = app.test_client().get(link, headers=known)

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert f'hx-get="{link.replace("&", "&amp;")}"' in first.text
    assert "csrf" not in first.text
    assert first.headers["Cache-Control"] == "public, max-age=1"
    assert "Set-Cookie" not in first.headers


def test_a_key_of_a_job_opens_no_sweep(app: Flask, runner: Browser):
    from app import fragment_links

    sweep_id = made_sweeps.running(app, runner.email)
    with app.test_request_context():
        key = fragment_links.key_of(sweep_id)

    assert app.test_client().get(f"/live/sweeps/{sweep_id}?key={key}").status_code == 302


def test_a_finished_one_polls_no_more(app: Flask, runner: Browser):
    page = runner.get(f"/sweeps/{made_sweeps.finished(app, runner.email)}").text

    assert "hx-get" not in page.split("<main")[-1]
    assert "Cancel" not in words(page)


def test_others_see_nothing_and_operators_everything(app: Flask, runner: Browser):
    sweep_id = made_sweeps.finished(app, runner.email)
    stranger, operator = signed_in(app, "runner"), signed_in(app, "operator")

    for path in ("", "/live", "/scaling.json", "/lanes.svg", "/export.json", "/export.csv", "/cancel"):
        assert stranger.get(f"/sweeps/{sweep_id}{path}").status_code == 404, path
    assert stranger.post(f"/sweeps/{sweep_id}/share").status_code == 404
    assert operator.get(f"/sweeps/{sweep_id}").status_code == 200


def test_cancel_keeps_what_was_measured_and_asks_when_much_is_at_stake(app: Flask, runner: Browser):
    young, old = made_sweeps.running(app, runner.email), made_sweeps.running(app, runner.email)
    made_sweeps.change(app, old, spent_s=200.0)

    runner.post(f"/sweeps/{young}/cancel")
    asked = runner.post(f"/sweeps/{old}/cancel")
    page = words(runner.get(asked.location).text)
    runner.post(f"/sweeps/{old}/cancel", {"sure": "1"})

    with app.extensions["database"].reading() as session:
        states = [sweep_of(session, each).state for each in (young, old)]  # type: ignore[union-attr]
    assert asked.location.endswith(f"/sweeps/{old}/cancel")
    assert "16 windows of 8 points are measured" in page
    assert states == [SweepState.CANCELLED] * 2
    assert "what was measured by then is kept" in words(runner.get(f"/sweeps/{young}").text)


def test_a_viewer_may_look_and_press_nothing(app: Flask):
    viewer = signed_in(app, "viewer")
    sweep_id = made_sweeps.running(app, viewer.email)

    assert ">Cancel<" not in viewer.get(f"/sweeps/{sweep_id}").text
    assert viewer.post(f"/sweeps/{sweep_id}/cancel").status_code == 403
    assert viewer.post(f"/sweeps/{sweep_id}/share").status_code == 403


def test_the_chart_is_looked_at_by_its_address_and_nonsense_is_the_default(app: Flask, runner: Browser):
    sweep_id = made_sweeps.finished(app, runner.email)
    linear = runner.get(f"/sweeps/{sweep_id}?y=efficiency&axis=linear&hide=pool/python&off=bands")
    strange = runner.get(f"/sweeps/{sweep_id}", query_string={
        "y": HOSTILE, "axis": "x" * 500, "hide": ",".join([HOSTILE] * 99), "off": "%00,bands,x",
    })  # fmt: skip
    spec = runner.get(f"/sweeps/{sweep_id}/scaling.json?y=efficiency&axis=linear&hide=pool/python").json

    assert 'data-switch="y-efficiency" aria-current="true"' in linear.text
    assert 'data-switch="part-bands">' in linear.text
    assert (spec["usermeta"]["y"], spec["usermeta"]["axis"]) == ("efficiency", "linear")
    assert [curve["name"] for curve in spec["usermeta"]["curves"] if curve["is_hidden"]] == ["pool (python)"]
    assert (strange.status_code, HOSTILE in strange.text) == (200, False)


@pytest.mark.parametrize("ending", ["png", "svg", "csv", "windows.csv", "json", "html", "md"])
def test_every_file_can_be_taken_away(app: Flask, runner: Browser, ending: str):
    sweep_id = made_sweeps.finished(app, runner.email, name=f'A "name" {HOSTILE}')
    answer = runner.get(f"/sweeps/{sweep_id}/export.{ending}")
    again = runner.get(f"/sweeps/{sweep_id}/export.{ending}", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.status_code == 200
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]+\.[a-z.]+"', answer.headers["Content-Disposition"])
    assert again.status_code == 304
    assert ending in ("csv", "windows.csv", "json") or HOSTILE.encode() not in answer.data


def test_nothing_is_taken_away_of_a_queued_one_and_no_unknown_file(app: Flask, runner: Browser):
    queued, finished = made_sweeps.queued(app, runner.email), made_sweeps.finished(app, runner.email)

    assert runner.get(f"/sweeps/{queued}/export.json").status_code == 404
    assert runner.get(f"/sweeps/{queued}/scaling.json").status_code == 404
    assert runner.get(f"/sweeps/{finished}/export.exe").status_code == 404
    assert "The curves begin with the first window, once" in words(runner.get(f"/sweeps/{queued}").text)


def test_many_curves_are_more_than_six_and_all_are_named(app: Flask, runner: Browser):
    many = GIL | {Point(model, "python", workers): 10.0 * workers for workers in (1, 2)
                  for model in ("daemon-threads", "process-executor", "daemons", "processes-manager")}  # fmt: skip
    page = runner.get(f"/sweeps/{made_sweeps.finished(app, runner.email, made(many, noise=0.01))}").text

    assert page.count('data-switch="hide-') == 8
    assert len(re.findall(r'class="off" href', page)) == 2
