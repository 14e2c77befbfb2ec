"""The benchmark's parts on made-up figures: what it computes and shows, never how fast this machine is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench import front_door, report
from bench.contest import OURS, Race
from bench.figures import MET, NOT_MET, SMALLER, Figure, Goal, Row, Section, percentile
from bench.floor import References, Trial
from bench.lines import LineProcess
from bench.load import CpuUse
from bench.requests import answer_end
from bench.spin import STAGGER, Mix, digest, expected_digest, spin

TWICE_AS_SLOW = Trial(taken_s=4.0, before_s=1.9, after_s=2.1)


def measured(*seconds: float) -> Callable[[], float]:
    """Answers with `seconds` in turn."""
    rest: Iterator[float] = iter(seconds)
    return lambda: next(rest)


def test_a_run_is_compared_with_the_mean_of_both_references():
    assert TWICE_AS_SLOW.efficiency == pytest.approx(0.5)  # (1.9 + 2.1) / 2 / 4.0
    assert TWICE_AS_SLOW.slowdown == pytest.approx(2.0)
    assert TWICE_AS_SLOW.is_steady


def test_the_reference_after_a_run_is_the_one_before_the_next():
    references = References(measured(1.0, 1.1, 1.2), tries=3)

    first, second = references.beside(measured(2.0)), references.beside(measured(2.2))

    assert first == Trial(2.0, 1.0, 1.1)
    assert second == Trial(2.2, 1.1, 1.2)


def test_a_run_between_two_speeds_is_repeated():
    references = References(measured(1.0, 1.6, 1.6), tries=3)

    trial = references.beside(measured(2.0, 3.2))

    assert trial == Trial(3.2, 1.6, 1.6)


def test_a_run_is_repeated_only_so_often():
    references = References(measured(1.0, 1.6, 1.0), tries=2)

    trial = references.beside(measured(2.0, 3.2))

    assert trial == Trial(3.2, 1.6, 1.0)
    assert not trial.is_steady


def test_a_smaller_run_is_held_against_its_share_of_the_reference():
    trial = References(measured(10.0, 10.0), tries=1).beside(measured(1.0), share=0.05)

    assert trial.efficiency == pytest.approx(0.5)  # 0.05 * 10 s / 1 s


@pytest.mark.parametrize(
    ("bound", "limit", "verdict"),
    [(">=", 0.9, MET), (">=", 0.91, NOT_MET), ("<=", 0.9, MET), ("<=", 0.89, NOT_MET), (">", 0.9, NOT_MET)],
)
def test_the_median_is_what_a_goal_is_held_against(bound, limit, verdict):
    figure = Figure((0.1, 0.9, 5.0))

    assert Row("a ratio", figure, Goal(bound, limit)).verdict == verdict


def test_a_smaller_run_is_not_judged():
    assert Row("a ratio", Figure((0.1,)), Goal(">=", 0.9), is_full=False).verdict == SMALLER


@pytest.mark.parametrize(("bound", "best"), [(">=", "fast"), ("<=", "small")])
def test_the_best_peer_is_the_one_the_goal_points_to(bound, best):
    peers = {"small": Figure((1.0,)), "fast": Figure((2.0,))}

    assert Row("a figure", Figure((1.5,)), Goal(bound, 1.0), peers=peers).best_peer == best


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0, 1)])
def test_percentile_of_one_to_a_hundred(percent, expected):
    assert percentile(list(range(100, 0, -1)), percent) == expected


def test_the_lead_is_taken_round_by_round():
    ours, theirs = [Trial(1.0, 1.0, 1.0), Trial(2.0, 1.0, 1.0)], [Trial(2.0, 1.0, 1.0), Trial(8.0, 1.0, 1.0)]
    race = Race({OURS: ours, "theirs": theirs}, notes=())

    assert race.lead("theirs").rounds == (2.0, 4.0)  # 1.0 / 0.5 and 0.5 / 0.125
    assert race.peers() == {"theirs": Figure((0.5, 0.125))}


def test_others_are_what_the_machine_did_and_we_did_not():
    before, after = CpuUse(at_s=0.0, machine_s=100.0, own_s=10.0), CpuUse(at_s=10.0, machine_s=118.0, own_s=25.0)

    assert after.others_since(before) == pytest.approx(0.3)  # (18 - 15) / 10 s


def test_a_mix_has_its_heavy_items_where_it_says():
    spread = Mix(steps=10, heavy_every=4, heavy_steps=1000).all_of(8)
    last = Mix(steps=10, heavy_from=6, heavy_steps=1000).all_of(8)

    assert spread == [10, 11, 1000, 13, 14, 15, 1000, 17]
    assert last == [10, 11, 12, 13, 14, 15, 1000, 1000]


def test_neighbours_that_change_places_change_the_digest():
    steps = Mix(steps=5).all_of(STAGGER)
    values = [spin(step) for step in steps]

    assert digest(values) == expected_digest(steps)
    assert digest([values[1], values[0], *values[2:]]) != expected_digest(steps)


def test_a_peer_does_the_same_work_in_a_process_of_its_own(tmp_path: Path):
    mix = Mix(steps=5)
    peer = LineProcess(tmp_path / "log", "bench.peers", "pool", "no broker", "no database")
    try:
        assert peer.receive() == {"ready": True}

        answer = peer.ask({"mix": asdict(mix), "items": 100})
    finally:
        peer.close()

    assert answer["digest"] == expected_digest(mix.all_of(100))
    assert peer.process.returncode == 0


MADE_UP = [
    Section("efficiency", [
        Row("efficiency, 1 ms", Figure((0.93, 0.97, 0.95)), Goal(">=", 0.94), peers={"Pool.map": Figure((0.99,))},
            notes=("a remark",)),
        Row("a lead", Figure((0.5, 0.6, 0.7)), Goal(">", 1.0), "times"),
    ], others_cores=0.5, took_s=12.0),
    Section("small-job", [], others_cores=0.0, took_s=1.0, failure="RuntimeError: the web node [1] is away"),
]  # fmt: skip


def test_the_table_says_goal_median_spread_peer_and_verdict():
    printed = StringIO()

    report.show(Console(width=150, file=printed), MADE_UP, rounds=3, is_quick=False)

    lines = [" ".join(line.split()) for line in printed.getvalue().splitlines()]
    assert "efficiency, 1 ms ≥ 0.94 0.95 (0.93-0.97) Pool.map 0.99 met" in lines
    assert "a lead > 1.00 times 0.60 times (0.50-0.70) not met" in lines
    assert "small-job failed RuntimeError: the web node [1] is away" in lines
    assert any(line.startswith("efficiency: took 12 s; others used 0.50") for line in lines)
    assert "efficiency, 1 ms: a remark" in lines


def test_the_json_object_holds_every_round():
    said = json.loads(json.dumps(report.as_json(MADE_UP, rounds=3, is_quick=False)))

    row = said["sections"][0]["rows"][0]
    assert row["figure"] == {"median": 0.95, "low": 0.93, "high": 0.97, "rounds": [0.93, 0.97, 0.95]}
    assert row["goal"] == {"bound": ">=", "limit": 0.94}
    assert row["verdict"] == "met"
    assert said["sections"][1]["failure"] == "RuntimeError: the web node [1] is away"


@pytest.mark.parametrize(
    ("value", "text"), [(1534.2, "1,534"), (23.46, "23.5"), (1.234, "1.23"), (0.0123, "0.012"), (0.0, "0.000")]
)
def test_numbers_have_three_digits(value, text):
    assert report.bare(value) == text


@pytest.mark.parametrize(
    ("data", "status", "end"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1", b"200", 41),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", b"304", 38),
        (b"HTTP/1.1 200 OK\r\nContent-Le", b"200", 0),
    ],
)
def test_answers_are_told_apart(data: bytes, status: bytes, end: int):
    assert answer_end(data, status) == end


def test_an_answer_that_was_not_to_come_ends_the_measurement():
    with pytest.raises(RuntimeError, match="503"):
        answer_end(b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"200")


def test_the_front_doors_table_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    document = tmp_path / "performance.md"
    document.write_text(front_door.DOCUMENT.read_text())
    monkeypatch.setattr(front_door, "DOCUMENT", document)

    front_door.put("| new \\1 |")

    assert "begin -->\n| new \\1 |\n<!--" in document.read_text()
