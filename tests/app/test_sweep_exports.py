"""Files of a sweep: the same numbers in each, and no name that becomes a formula, a link or a script."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from app.charts import DARK, LIGHT, scaling
from app.sweep_exports import ENDINGS, Card, Look, bytes_of, comparison_markdown, file_name
from app.sweep_exports.badge import FAIR, GOOD, POOR, UNKNOWN, badge_of
from app.sweep_tables import points_table
from dynometer.compare.changes import compare
from dynometer.errors import NotFound
from dynometer.measure.result import loads
from dynometer.measure.trial import Point
from dynometer.report.as_json import without_conclusions
from dynometer.report.as_text import report_text
from dynometer.report.report import make_report
from tests.app.sweeps_made import CASES, HOSTILE, empty, far, hostile, troubled, unfinished, whole
from tests.report.made import BASELINE, GIL, made

CARD = Card("Random sum #7", "https://example.org/r/k3v9x2m7qd", "https://example.org/r/k3v9x2m7qd.svg")


def text_of(report: Any, ending: str, card: Card = CARD) -> str:
    return bytes_of(report, ending, card).decode()


def csv_of(report: Any, ending: str = "csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(report, ending))))


@pytest.mark.parametrize("name", ["whole", "troubled", "many"])
def test_csv_json_chart_table_and_command_line_have_the_same_numbers(name: str):
    report = CASES[name]()

    by_point = {(row["model"], row["variant"], int(row["workers"])): row for row in csv_of(report)}
    told = {(each["model"], each["variant"], each["workers"]): each
            for each in json.loads(text_of(report, "json"))["points"]}  # fmt: skip
    drawn = {(row["key"], row["workers"]): row for row in scaling(report, LIGHT)["datasets"]["points"]}
    table = {(row[0], row[1], int(row[2])): row for row in points_table(report).rows}
    printed = re.sub(r" +", " ", report_text(report, width=200))

    assert told.keys() <= by_point.keys() == table.keys()
    for key, each in told.items():
        row, cells, mark = by_point[key], table[key], drawn.get((f"{key[0]}/{key[1]}", key[2]))
        for field, columns in (("throughput_per_s", ("throughput{}_per_s", 3)), ("speedup", ("speedup{}", 5))):
            for part, bound in (("", "value"), ("_low", "low"), ("_high", "high")):
                written = row[columns[0].format(part)]
                assert (float(written) if written else None) == (each[field] and each[field][bound])
        assert row["grade"] == each["grade"] == cells[10]
        assert mark is None or mark["value"] == each["speedup"]["value"]
        if each["speedup"]:
            line = " ".join(cell for cell in cells[:7] if cell != "-")
            assert f" {line} " in printed


def test_json_is_the_instruments_own_format():
    report = troubled()

    again = loads(json.dumps(without_conclusions(json.loads(text_of(report, "json")))))

    assert again == report.result
    assert make_report(again).verdict == report.verdict


def test_points_without_a_number_have_a_row_with_the_reason():
    rows = csv_of(troubled())

    lost = {(row["model"], row["workers"]): row for row in rows if not row["throughput_per_s"]}
    assert lost["event-loop", "2"]["standing"] == "void"
    assert lost["pool", "8"]["reason"] == "A worker died."
    assert lost["threads", "8"]["windows_rejected"] == "3"


def test_windows_have_a_row_each_and_rejected_ones_say_why():
    report = troubled()

    rows = csv_of(report, "windows.csv")

    assert [float(row["wall_s"]) for row in rows] == [trial.wall_s for trial in report.result.trials]
    assert {row["rejected"] for row in rows if row["is_accepted"] == "false"} == {"Others used the CPU."}


@pytest.mark.parametrize("ending", ["csv", "windows.csv"])
def test_a_sweep_without_a_window_is_a_header(ending: str):
    [header] = text_of(empty(), ending).splitlines()

    assert header.startswith("workload,started_at,model,variant,workers,nodes,")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["hostile", "empty", "unfinished", "troubled"])
def test_every_kind_of_file_is_made_of_every_sweep(name: str, ending: str):
    assert bytes_of(CASES[name](), ending, Card(HOSTILE))


def test_no_cell_of_a_spreadsheet_is_a_formula():
    for ending in ("csv", "windows.csv"):
        for row in csv_of(hostile(), ending):
            assert row["workload"] == f"'{HOSTILE}"
            assert not any((value or "").startswith(("=", "@", "+")) for value in row.values())


def test_no_name_becomes_markup_in_the_html_file():
    page = text_of(hostile(), "html", Card(HOSTILE, "https://example.org/r/x"))

    assert "<script" not in page.lower()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    seen = Tags()
    seen.feed(page)
    assert not seen.handlers
    assert seen.links == ["https://example.org/r/x"]


class Tags(HTMLParser):
    """What a page could act with."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[str] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value for name, value in attrs if name in ("href", "src")]


def test_the_html_file_says_everything_and_needs_nothing_from_elsewhere():
    report = whole()

    page = text_of(report, "html")

    words = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    for sentence in (report.verdict, *map(str, report.findings), "python -m dynometer sweep random-sum"):
        assert plain(sentence) in plain(words.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">"))
    assert page.count("<svg") == 4  # light and dark, wide and narrow
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert "@import" not in page
    assert "url(http" not in page


def plain(text: str) -> str:
    return " ".join(text.split())


def test_no_name_acts_in_markdown():
    text = text_of(hostile(), "md", Card(HOSTILE))

    outside = "\n".join(line for line in text.splitlines() if not line.startswith("python -m"))
    assert "<script" not in outside
    assert "[x](" not in outside
    assert "@all" not in outside
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(points_table(hostile()).headings) + 1}


def test_markdown_has_verdict_table_picture_advice_and_command():
    report = whole()

    text = text_of(report, "md")

    assert text.startswith("### [Random sum \\#7](https://example.org/r/k3v9x2m7qd)\n")
    assert "![Speed-up over workers; the table has the numbers](https://example.org/r/k3v9x2m7qd.svg)" in text
    assert "| pool | python | 2 |" in text
    assert "```sh\npython -m dynometer sweep random-sum" in text
    assert f"1. {report.findings[0].remedy[:20]}" in text


def test_a_comparison_in_markdown_tells_both_names_and_the_verdict():
    faster = {point: rate * (1.3 if point.model == "pool" else 1.0) for point, rate in GIL.items()}
    found = compare(made(noise=0.01), made(faster, noise=0.01, seed=2))

    text = comparison_markdown(found, Card("before"), Card("after | <b>"))

    assert text.startswith("### A: before, B: after \\| &lt;b&gt;\n")
    assert "pool (python) with 2 is faster" in text


@pytest.mark.parametrize(
    ("report", "message", "colour"),
    [
        (whole(), "1.92x pool on 2 CPUs", GOOD),
        (make_report(made({BASELINE: 10.0, **{Point("threads", "python", n): 10.0 for n in (1, 2)}}, noise=0.01)),
         "no clear gain on 2 CPUs", POOR),
        (make_report(made({BASELINE: 10.0, Point("pool", "python", 1): 10.0, Point("pool", "python", 2): 13.0})),
         "1.30x pool on 2 CPUs", FAIR),
        (unfinished(), "too few windows on 2 CPUs", UNKNOWN),
        (empty(), "not measured", UNKNOWN),
    ],
)  # fmt: skip
def test_a_badge_says_how_well_it_scales_and_its_colour_means_it(report: Any, message: str, colour: str):
    badge = badge_of(report)

    assert (badge.message, badge.colour) == (message, colour)
    told = json.loads(text_of(report, "badge.json"))
    assert told == {"schemaVersion": 1, "label": "scaling", "message": message, "color": colour}
    svg = ET.fromstring(text_of(report, "badge.svg"))
    assert svg.findtext("{http://www.w3.org/2000/svg}title") == f"scaling: {message}"
    assert svg.get("role") == "img"


def test_pictures_carry_title_and_source_and_come_in_the_theme_that_was_asked_for():
    report = far()

    named = Card("Random sum\x00 #7")
    svg = bytes_of(report, "svg", named, Look(LIGHT, {"y": "efficiency"})).decode()
    png = bytes_of(report, "png", CARD, Look(DARK))

    assert "Random sum  #7: efficiency over workers" in svg
    assert "Dynometer 0.1.0, random-sum, 2026-01-02, Test CPU" in svg
    assert Image.open(io.BytesIO(png)).convert("RGB").getpixel((2, 2)) == (0x16, 0x1E, 0x25)


def test_names_of_files_are_plain_letters_and_an_unknown_ending_is_refused():
    assert file_name(Card("Räum / ..\\\r\n auf! #7"), "csv") == "raum-auf-7.csv"
    assert file_name(Card("\N{SNOWMAN}"), "badge.svg") == "sweep.badge.svg"
    with pytest.raises(NotFound, match="no export 'exe'"):
        bytes_of(whole(), "exe", CARD)


def test_every_column_and_ending_is_documented():
    text = Path("docs/sweep-files.md").read_text()

    columns = [*csv_of(whole())[0], *csv_of(whole(), "windows.csv")[0]]
    assert not [name for name in (*columns, *ENDINGS) if f"`{name}`" not in text]
