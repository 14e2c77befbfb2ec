"""Charts: specs that Vega-Lite takes, pictures drawn from them, the feed behind them, the table beside them."""

import io
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.exceptions import ServiceUnavailable

from app.charts import DARK, LIGHT, Frame, Theme, drawing, shares, throughput
from app.charts.shares import MOST
from app.job_series import series_table, short
from tasks.progress import Share
from tasks.throughput import NOTHING, Throughput
from tests.app.conftest import Browser, Program, job_of, let_workers_work, signed_in
from tests.app.statements import statements
from tests.app.test_job_pages import start

FRAME = Frame("Wait #7: throughput", "succeeded", "Dynometer")
NAMES = tuple(f"worker.{number}" for number in range(1, 7))
SOME = Throughput(
    0.5, 0, NAMES, tuple(tuple(10.0 * k + row for k in range(6)) for row in range(40)), 20.0, "0.5:9", False
)
EQUAL = [Share(f"worker.{number}", 100, 10, 1.0) for number in range(40)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("frame", [None, FRAME], ids=["page", "export"])
@pytest.mark.parametrize("found", [NOTHING, SOME, Throughput(2048.0, 0, ("w",), ((5.0,),), 2048.0, "", True)])
def test_vega_lite_takes_every_throughput(vega_lite: Any, found: Throughput, theme: Theme, frame: Frame | None):
    vega_lite.validate(throughput(found, theme, frame))


@pytest.mark.parametrize("nodes", [0, 1, 2, MOST, 40])
def test_vega_lite_takes_every_share(vega_lite: Any, nodes: int):
    vega_lite.validate(shares(EQUAL[:nodes], LIGHT))


def test_too_many_bars_are_one_and_their_sum_is_all_items():
    bars = shares(EQUAL, LIGHT)["data"]["values"]

    assert len(bars) == MOST
    assert bars[-1]["node"] == "21 others"
    assert sum(bar["items"] for bar in bars) == 4000


def test_the_table_has_the_numbers_of_the_chart():
    table = series_table(SOME)

    assert table.headings == ("Seconds", "Items/s", *NAMES)
    for row, values in zip(table.rows, SOME.rates, strict=True):
        assert row[1:] == tuple(map(short, (sum(values), *values)))
    assert table.rows[3][0] == "1.5 to 2"
    assert [short(number) for number in (0, 0.12345, 99.96, 123.4, 1234567.0)] == [
        "0",
        "0.123",
        "100",
        "123",
        "1,234,567",
    ]


@pytest.fixture
def ended(each_app: Flask) -> tuple[Browser, int]:
    owner = signed_in(each_app, "runner")
    job_id = start(owner, "random-sum", items="40", **{"parameters.numbers": "100"})
    let_workers_work(each_app, job_id)
    return owner, job_id


def test_the_feed_sums_up_to_the_job(ended: tuple[Browser, int]):
    owner, job_id = ended

    answer = owner.get(f"/jobs/{job_id}/series")
    feed = answer.json

    ends = [(row + 1) * feed["bin_s"] for row in range(len(feed["rates_per_s"]) - 1)] + [feed["ends_s"]]
    widths = [end - row * feed["bin_s"] for row, end in enumerate(ends)]
    items = sum(sum(rates) * width for rates, width in zip(feed["rates_per_s"], widths, strict=True))
    assert items == pytest.approx(40, rel=1e-4)  # rates come with six digits
    assert (feed["nodes"], feed["is_final"]) == (["worker.1"], True)
    again = owner.get(f"/jobs/{job_id}/series", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert owner.get(f"/jobs/{job_id}/series?since={'9' * 5000}").json == feed


def test_programs_get_the_same_feed(app: Flask, program: Program):
    job_id = job_of(program.post("/api/v1/jobs", json={"workload": "wait", "items": 2}))
    let_workers_work(app, job_id)

    feed = program.get(f"/api/v1/jobs/{job_id}/series").json

    assert feed["nodes"] == ["worker.1"]
    assert program.get(f"/api/v1/jobs/{job_id}/series?since=x").json == feed
    assert program.get(f"/api/v1/jobs/{job_id}/series?until=x").status_code == 422


def test_exports_are_pictures_with_title_and_source(ended: tuple[Browser, int]):
    owner, job_id = ended

    svg = owner.get(f"/jobs/{job_id}/throughput.svg")
    png = owner.get(f"/jobs/{job_id}/shares.png?theme=dark&download=1")

    assert svg.mimetype == "image/svg+xml"
    assert f"Random sum #{job_id}: throughput over time" in svg.text
    assert "Dynometer, random-sum" in svg.text
    assert Image.open(io.BytesIO(png.data)).convert("RGB").getpixel((2, 2)) == (0x16, 0x1E, 0x25)
    assert png.headers["Content-Disposition"] == f'attachment; filename="job-{job_id}-shares.png"'
    again = owner.get(f"/jobs/{job_id}/throughput.svg", headers={"If-None-Match": svg.headers["ETag"]})
    assert again.status_code == 304


def test_a_strangers_charts_are_not_there(ended: tuple[Browser, int]):
    owner, job_id = ended
    stranger = signed_in(owner.client.application, "runner")

    for path in ("series", "throughput.json", "throughput.svg", "shares.png"):
        assert stranger.get(f"/jobs/{job_id}/{path}").status_code == 404


def test_starting_the_app_does_not_load_the_renderer():
    code = "import sys; from app import pages; print('vl_convert' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"


def test_a_page_of_a_job_takes_few_queries(ended: tuple[Browser, int]):
    owner, job_id = ended
    running = start(owner, "word-count", items="10")

    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/live", f"/jobs/{running}", f"/jobs/{running}/live",
                 f"/jobs/{job_id}/series", f"/jobs/{job_id}/throughput.json"):  # fmt: skip
        with statements(owner.client.application) as sent:
            assert owner.get(path).status_code == 200
        assert len(sent) <= 6, (path, sent)


def test_the_palette_is_that_of_the_style_sheet():
    css = Path("app/static/css/base.css").read_text()
    if "--series-1" not in css:
        pytest.skip("the style sheet has no series yet")

    for number, (light, dark) in enumerate(zip(LIGHT.series, DARK.series, strict=True), start=1):
        assert f"--series-{number}: light-dark({light}, {dark})" in css


@dataclass
class Pen:
    """Draws nothing, and notes what."""

    drawn: list[Any] = field(default_factory=list)
    began: Event = field(default_factory=Event)
    may_end: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.may_end.set()

    def __call__(self, spec: Any, ending: str) -> bytes:
        self.drawn.append(spec)
        self.began.set()
        assert self.may_end.wait(10)
        return b"drawn"


@pytest.fixture
def pen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pen]:
    """In place of the renderer, which is large: what is drawn, and when it ends."""
    pen = Pen()
    monkeypatch.setattr(drawing, "draw", pen)
    monkeypatch.setattr(drawing, "_kept", OrderedDict())
    monkeypatch.setattr(drawing, "_lately", OrderedDict())
    yield pen
    pen.may_end.set()


def test_one_draws_one_waits_a_second_and_the_others_hear_when_to_come_again(pen: Pen, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawing, "WAIT_S", 0.0)
    pen.may_end.clear()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(drawing.drawn, {"a": 1}, "svg", "1")
        assert pen.began.wait(10)

        with pytest.raises(ServiceUnavailable) as waited:  # its second is over
            drawing.drawn({"a": 2}, "svg", "2")
        with drawing.places, pytest.raises(ServiceUnavailable):  # somebody waits already
            drawing.drawn({"a": 3}, "svg", "3")
        pen.may_end.set()

    assert ("Retry-After", "2") in waited.value.get_headers()
    assert first.result() == b"drawn"
    assert drawing.drawn({"a": 2}, "svg", "2") == b"drawn"


def test_a_running_jobs_picture_is_drawn_once_for_all_who_ask_within_ten_seconds(app: Flask, pen: Pen):
    owner = signed_in(app, "runner")
    job_id = start(owner, "wait", items="4")

    answers = [owner.get(f"/jobs/{job_id}/throughput.svg").status_code for _ in range(3)]
    pen.drawn.clear()
    again = owner.get(f"/jobs/{job_id}/throughput.svg?download=1")
    dark = owner.get(f"/jobs/{job_id}/throughput.svg?theme=dark")

    assert answers == [200] * 3
    assert again.data == dark.data == b"drawn"
    assert len(pen.drawn) == 1  # the dark one
