"""Charts of sweeps: specs that Vega-Lite takes, the report's own numbers in them, and nothing left out in silence."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from app.charts import DARK, LIGHT, Frame, Theme, lanes, scaling, versus
from app.charts.drawing import draw
from app.charts.end_labels import APART_PX, spread
from app.charts.measures import Y, first_y
from app.charts.span import span_of
from app.palette import SERIES
from app.sweep_tables import chart_table, comparison_table, points_table, windows_table
from dynometer.compare.changes import compare
from dynometer.report.report import make_report
from dynometer.wording import figure
from tests.app.sweeps_made import CASES, HOSTILE, POOL_2, empty, far, hostile, many, troubled, unfinished, whole
from tests.report.made import GIL, made

FRAME = Frame("Random sum #7", "35 windows", "Dynometer")


@pytest.fixture(scope="module")
def reports() -> dict[str, Any]:
    return {name: case() for name, case in CASES.items()}


def rows_of(spec: Any, name: str = "points") -> list[Any]:
    return spec["datasets"][name]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("y", Y)
@pytest.mark.parametrize("name", CASES)
def test_vega_lite_takes_every_chart_of_a_sweep(vega_lite: Any, reports: Any, name: str, y: str, theme: Theme):
    for frame, axis, width in ((None, "auto", None), (FRAME, "linear", None), (None, "log", 330)):
        vega_lite.validate(scaling(reports[name], theme, frame, y=y, axis=axis, width=width))


def test_vega_lite_takes_lanes_and_comparisons(vega_lite: Any):
    vega_lite.validate(lanes(with_times(), LIGHT, FRAME))
    vega_lite.validate(lanes(empty(), DARK, last_s=10))
    vega_lite.validate(versus(compare(made(), made(seed=2, noise=0.1)), DARK, FRAME))
    vega_lite.validate(versus(compare(made(), made({})), LIGHT))


@pytest.mark.parametrize("name", ["whole", "many"])
def test_the_chart_has_the_reports_own_numbers(reports: Any, name: str):
    report = reports[name]
    spec = scaling(report, LIGHT)

    points = {(f"{point.point.model} ({point.point.variant})", point.point.workers): point.speedup
              for point in report.summary.points}  # fmt: skip
    drawn = rows_of(spec)
    assert drawn
    for row in drawn:
        speedup = points[row["curve"], row["workers"]]
        assert row["value"] == speedup.value
        assert (row["low"] or speedup.low, row["high"] or speedup.high) == (speedup.low, speedup.high)


@pytest.mark.parametrize("y", Y)
@pytest.mark.parametrize("name", CASES)
def test_the_table_is_the_charts_twin(reports: Any, name: str, y: str):
    spec, table = scaling(reports[name], LIGHT, y=y), chart_table(reports[name], y)

    drawn = [(row["curve"], str(row["workers"])) for row in rows_of(spec)]
    lost = spec["datasets"].get("lost", [])
    assert [row[:2] for row in table.rows[: len(drawn)]] == drawn
    for row, cells in zip(rows_of(spec), table.rows, strict=False):
        assert cells[2] in row["label"]
        assert f"grade {cells[4]}" in row["label"]
        assert cells[3] in row["label"] or cells[3] == "-"
    assert len(table.rows) == len(drawn) + len(lost)
    for row, cells in zip(lost, table.rows[len(drawn) :], strict=True):
        assert cells == (row["names"], str(row["workers"]), "-", row["reason"], *("-", "")[: len(cells) - 4])


def test_a_point_is_announced_in_the_words_of_the_command_line():
    report = whole()
    gain = next(point.speedup for point in report.summary.points if point.point == POOL_2)

    labels = [row["label"] for row in rows_of(scaling(report, LIGHT))]

    bounds = f"{figure(gain.low)} to {figure(gain.high)}"
    assert f"pool (python) with 2 workers: {figure(gain.value)}x, {bounds}, grade A" in labels


def test_a_sweep_that_spans_more_than_five_times_is_drawn_on_a_logarithmic_axis_that_says_so(reports: Any):
    wide, even = scaling(reports["whole"], LIGHT), scaling(reports["whole"], LIGHT, axis="linear")

    assert wide["encoding"]["y"]["scale"]["type"] == "log"
    assert wide["encoding"]["y"]["title"] == "speed-up over sequential (python) (log scale)"
    assert even["encoding"]["y"]["scale"]["domain"][0] == 0
    assert scaling(reports["unfinished"], LIGHT)["usermeta"]["axis"] == "linear"


def test_two_worker_counts_are_dots_and_the_chart_says_why():
    spec = scaling(unfinished(), LIGHT)

    assert len(rows_of(spec)) == 3
    assert rows_of(spec, "laws") == rows_of(spec, "paths") == []
    assert "pool (python): 2 worker counts; a law needs three, so dots and no line." in spec["usermeta"]["notes"]
    assert "Points with one window have no interval." in spec["usermeta"]["notes"]
    assert all(row["low"] is None for row in rows_of(spec))


def test_what_failed_is_visible_with_its_reason():
    spec = scaling(troubled(), LIGHT)

    told = " ".join(row["label"] for row in rows_of(spec, "lost"))
    assert "event-loop (coroutine) void: Its values are not those of the reference." in told
    assert "pool (python) failed: A worker died." in told
    assert "threads (python) rejected: Others used the CPU." in told
    after = next(row for row in rows_of(spec) if (row["curve"], row["workers"]) == ("pool (python)", 2))
    assert after["is_hollow"]
    assert after["label"].endswith(", failed later")


def test_ticks_are_measured_counts_alone_and_the_axis_of_a_running_sweep_is_that_of_its_plan():
    result = made()
    some = tuple(trial for trial in result.trials if trial.point.workers < 4)
    running = make_report(replace(result, trials=some, state="stopped"))

    x = scaling(running, LIGHT)["encoding"]["x"]

    assert x["axis"]["values"] == [1, 2]
    assert x["scale"]["domain"] == [1, 4.0]


def test_a_law_is_extrapolated_up_to_the_cpus_and_only_where_enough_was_measured():
    spec = scaling(far(), LIGHT)

    beyond = [row for row in rows_of(spec, "laws") if row["workers"] > 6]
    assert beyond
    assert {row["standing"] for row in beyond} == {"extrapolated"}
    assert spec["encoding"]["x"]["scale"]["domain"] == [1, 8.0]
    assert all(row["low"] < row["value"] < row["high"] for row in beyond)
    assert scaling(whole(), LIGHT)["encoding"]["x"]["scale"]["domain"] == [1, 4]


def test_six_curves_at_first_and_a_colour_stays_when_others_are_hidden(reports: Any):
    first = {curve["key"]: curve for curve in scaling(reports["many"], LIGHT)["usermeta"]["curves"]}
    assert sum(curve["is_shown"] for curve in first.values()) == len(SERIES) < len(first)
    assert first["sequential/python"]["is_shown"]

    second = scaling(reports["many"], LIGHT, hidden={"vectorised/numpy", "pool/python"})["usermeta"]["curves"]

    assert sum(curve["is_shown"] for curve in second) == len(SERIES)
    assert not {curve["key"] for curve in second if curve["is_shown"]} & {"vectorised/numpy", "pool/python"}
    kept = [curve for curve in second[: len(SERIES)] if curve["is_shown"] and first[curve["key"]]["is_shown"]]
    assert kept
    assert [first[curve["key"]]["series"] for curve in kept] == [curve["series"] for curve in kept]


def test_a_cluster_point_tells_its_nodes(reports: Any):
    [row] = [row for row in rows_of(scaling(reports["many"], LIGHT)) if row["curve"] == "cluster (python)"]

    assert row["label"].startswith("cluster (python) with 8 workers on 2 nodes: ")
    table = points_table(reports["many"])
    assert table.headings[-1] == "Nodes"
    assert [cells[-1] for cells in table.rows if cells[0] == "cluster"] == ["2 nodes"]
    assert points_table(reports["whole"]).headings[-1] == "Memory"


def test_without_a_baseline_throughput_is_shown_first():
    found = made()
    report = make_report(replace(found, trials=tuple(t for t in found.trials if t.point.model != "sequential")))

    assert first_y(report) == "throughput"
    assert rows_of(scaling(report, LIGHT, y="throughput"))
    assert any("no window of the baseline" in note for note in scaling(report, LIGHT)["usermeta"]["notes"])
    assert first_y(whole()) == "speedup"


def test_switched_off_points_can_still_be_walked_through():
    spec = scaling(whole(), LIGHT, parts=("ideal",))

    assert rows_of(spec)
    assert not {"paths", "pointer"} - spec["datasets"].keys()
    [hidden] = [layer for layer in spec["layer"] if layer["data"].get("name") == "points"]
    assert hidden["mark"]["opacity"] == 0


def test_names_at_line_ends_never_touch():
    wanted = [10.0, 12.0, 11.0, 298.0, 299.0, 150.0]

    places = spread(wanted, 300)

    ordered = sorted(places)
    assert all(b - a >= APART_PX - 1e-9 for a, b in pairwise(ordered))
    assert min(places) >= 0
    assert max(places) <= 300
    assert places[5] == 150.0


def test_a_whisker_never_flattens_the_points():
    span = span_of([1.0, 2.0], [0.1, 90.0], [1.0, 2.0], "linear")

    assert span.high < 3


def test_no_hostile_name_becomes_markup_in_a_picture():
    svg = draw(scaling(hostile(), LIGHT, Frame(HOSTILE, HOSTILE, HOSTILE)), "svg").decode()

    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def with_times() -> Any:
    result = made(setbacks=())
    trials = [replace(each, begun_s=0.5 * place, rejected=("Others used the CPU.",) if place == 3 else ())
              for place, each in enumerate(result.trials)]  # fmt: skip
    return make_report(replace(result, trials=tuple(trials)))


def test_lanes_show_each_window_and_the_last_seconds_alone_when_asked():
    report = with_times()

    spec = lanes(report, LIGHT)
    rows = spec["data"]["values"]

    assert len(rows) == len(report.result.trials)
    assert [row["is_rejected"] for row in rows].count(True) == 1
    assert "rejected: Others used the CPU." in rows[3]["label"]
    late = lanes(report, LIGHT, last_s=30)["data"]["values"]
    assert 0 < len(late) < len(rows)
    assert "does not say when" in lanes(whole(), LIGHT)["usermeta"]["notes"][0]


def test_two_sweeps_lie_over_one_another_and_what_changed_for_certain_is_written_beside():
    faster = {point: rate * (1.3 if point.model == "pool" else 1.0) for point, rate in GIL.items()}
    found = compare(made(noise=0.01), made(faster, noise=0.01, seed=2))

    spec, table = versus(found, LIGHT), comparison_table(found)

    rows = rows_of(spec)
    assert len(rows) == 2 * len(table.rows) == 2 * len(GIL)
    changed = {(row["curve"], row["workers"]) for row in rows if row["change"]}
    assert changed == {("pool (python)", workers) for workers in (1, 2, 4)}
    for cells, row in zip(table.rows, [row for row in rows if row["side"] == "B"], strict=True):
        assert cells[4] in row["label"]
        assert cells[5] in row["label"]


def test_windows_are_listed_with_the_reasons_against_them():
    table = windows_table(troubled())

    assert len(table.rows) == len(troubled().result.trials)
    assert {table.rows[place][-1] for place in table.weak_rows} == {"Others used the CPU."}
    assert len(many().summary.points) == len(points_table(many()).rows)


def test_a_control_character_in_a_reason_does_not_end_the_renderer() -> None:
    spec = {"title": "a\0b", "mark": "point", "data": {"values": [{"x": "\x01"}]}, "encoding": {"x": {"field": "x"}}}

    assert b"\0" not in draw(spec, "svg")
