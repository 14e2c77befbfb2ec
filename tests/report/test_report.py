"""The report: the same in words and in JSON, complete, and honest about what is weak."""

import json
from dataclasses import fields, replace

import pytest

from dynometer.measure.result import loads
from dynometer.measure.trial import Point, Setback, Signals, Standing
from dynometer.report.as_json import as_object, report_json, without_conclusions
from dynometer.report.as_text import report_text
from dynometer.report.command import command_of
from dynometer.report.report import make_report
from dynometer.report.unmeasured import CANT_TELL, not_measured
from dynometer.summary.facts import summarise
from dynometer.summary.gates import read_gates
from dynometer.wording import figure, seconds
from tests.report.made import BASELINE, ENVIRONMENT, GIL, made, plan, trial

POOL_2 = Point("pool", "python", 2)
SMALL = {BASELINE: 10.0, Point("threads", "python", 1): 10.0, Point("threads", "python", 2): 10.1,
         Point("pool", "python", 1): 9.9, POOL_2: 19.3}
CHART_AND_POINTS = """\
Speed-up over sequential (python)
        |
     2x |                                                            ///......+
        |                                                 ..............
   1.5x |                                    ............./
        |                       .............//
        |        /............../
     1x |  &..................................................................x
        |
   0.5x |
        |
        |
     0x |
        +------------------------------------------------------------------------
           1                                                                  2  workers
         o sequential (python): 1x at 1
         x threads (python): 1.01x at 2
         + pool (python): 1.92x at 2
         & several curves
         / one times the workers

Points
 model       variant  N  items/s  (95 %)        speed-up  (95 %)          per worker  grade  start-up   memory
 sequential  python   1     10.0  10.0 to 10.1     1.00x                              A       50.0 ms  50.0 MB
 threads     python   1     10.0  9.94 to 10.1    0.996x  0.992 to 1.00               A       50.0 ms  50.0 MB
 threads     python   2     10.1  10.0 to 10.2     1.01x  1.00 to 1.02           50%  A       50.0 ms  50.0 MB
 pool        python   1     9.89  9.87 to 9.92    0.986x  0.980 to 0.991              A       50.0 ms  50.0 MB
 pool        python   2     19.3  19.2 to 19.3     1.92x  1.91 to 1.93           96%  A       50.0 ms  50.0 MB
"""


def text_of(result, **options):
    return report_text(make_report(result), **options)


def test_the_verdict_comes_first_and_says_what_the_numbers_bear():
    lines = text_of(made(noise=0.005)).splitlines()

    assert lines[0] == "random-sum: 1,000 items (numbers 1000); 40 windows in 42 s"
    said = " ".join(" ".join(lines[2:10]).split())  # the verdict, and below it what it rests on
    assert "pool scales to 2 workers" in said
    assert "GIL" in said
    assert "4 workers oversubscribe" in said


def test_the_parts_follow_each_other():
    setback = Setback(Point("interpreters", "python", 1), Standing.UNAVAILABLE, "No.")

    text = text_of(made(noise=0.005, setbacks=(setback,)))

    places = [text.index(f"\n{title}") for title in (
        "Speed-up over", "Points", "Void, unavailable or failed", "Laws", "Diagnosis", "Advice", "Noise",
        "Not measured", "Machine", "To measure it again")]
    assert places == sorted(places)


def test_off_a_terminal_it_is_ascii():
    assert text_of(made()).isascii()


def test_on_a_terminal_it_draws_with_unicode_and_keeps_to_the_width():
    text = text_of(made(noise=0.01), width=100, is_terminal=True)

    assert "●" in text
    assert "Verdict" in text


@pytest.mark.parametrize("width", [76, 80, 120])
def test_no_table_row_or_sentence_is_wider_than_asked(width):
    text = text_of(made(noise=0.01), width=width)

    command = text.index("To measure it again")
    assert max(map(len, text[:command].splitlines())) <= max(width, 84)


def test_the_chart_of_a_small_result_literally():
    text = text_of(made(SMALL, noise=0.005))

    start = text.index("Speed-up over")
    assert text[start : start + len(CHART_AND_POINTS)] == CHART_AND_POINTS


def test_every_number_has_its_interval_and_grade_beside_it():
    line = next(line for line in text_of(made(noise=0.005)).splitlines() if line.split()[:3] == ["pool", "python", "2"])

    assert line.count(" to ") == 2
    assert " A " in line


def test_void_points_are_shown_with_their_reason():
    void = Setback(Point("pool", "numpy", 2), Standing.VOID, "Item 3 differs from the reference.")

    text = text_of(made(setbacks=(void,)))

    assert "pool (numpy) with 2: void. Item 3 differs from the reference." in text


def test_rejected_windows_are_counted_by_detector():
    bad = trial(POOL_2, rejected=("CPU pressure: something waited for a CPU during 30.0% of the time.",))

    text = text_of(replace(made(), trials=(*made().trials, bad)))

    assert "1 of 41 windows rejected (CPU pressure 1); none of them is used." in text
    assert "pool (python) 2: 1 window rejected, 5 kept." in text


def test_oversubscribed_points_are_marked_unless_the_workers_wait():
    waits = {point: 10.0 * point.workers for point in GIL if point.model in ("sequential", "threads")}
    trials = tuple(trial(point, block, rate, cores=0.01) for block in range(5) for point, rate in waits.items())

    assert "threads (python) 4, pool (python) 4: oversubscribed" in text_of(made())
    assert "oversubscribed" not in text_of(replace(made(waits), trials=trials)).split("Advice")[0].split("Points")[1]


def test_the_gates_stand_beside_the_verdict():
    text = report_text(make_report(made(), read_gates(["speedup(pool,2) < 1.6"])))

    assert "Gate met: fail if speedup(pool,2) < 1.6; measured 1.93" in text


@pytest.mark.parametrize(("changes", "said"), [
    ({"state": "budget"}, "The budget ended first"), ({"state": "stopped"}, "It was stopped"),
    ({"diagnoses": False}, "--no-diagnosis"), ({"points": (*GIL, Point("daemons", "python", 2))}, "Not begun: daemons"),
])
def test_what_was_not_measured_is_said(changes, said):
    assert said in " ".join(not_measured(summarise(made(**changes))))


def test_signals_that_this_machine_lacks_are_named():
    blind = tuple(replace(each, signals=Signals(), memory_pss_bytes=None) for each in made().trials)

    said = " ".join(not_measured(summarise(replace(made(), trials=blind))))

    assert "can't tell the run-queue delay of its own tasks, CPU pressure" in said
    assert "Memory" in said


def test_each_signal_has_its_words():
    assert {field.name for field in fields(Signals)} - {"spin_s"} == CANT_TELL.keys()


def test_a_result_without_windows_is_a_report_too():
    failed = Setback(BASELINE, Standing.FAILED, "Item 0 raised ValueError: no.")

    report = make_report(replace(made(setbacks=(failed,), probes=()), trials=()))

    assert "Item 0 raised ValueError: no." in report_text(report)
    assert as_object(report)["points"] == []


def test_a_function_that_fails_everywhere_is_said_so_at_once_and_the_machine_is_not_blamed():
    points = (BASELINE, POOL_2, Point("threads", "python", 2))
    failed = tuple(Setback(point, Standing.FAILED, "Item 0 raised ValueError: no.") for point in points)
    report = make_report(replace(made(setbacks=failed, probes=(), workload="mine.py:f"), trials=()))

    text = " ".join(report_text(report).split())

    assert report.verdict == ("Your function fails, so nothing was measured: Item 0 raised ValueError: no. "
                              "Mend it, then measure again.")
    assert text.count("Item 0 raised") == 2  # the verdict, and the list of what failed
    assert "sequential (python) with 1; pool (python) with 2; threads (python) with 2: failed." in text
    assert "quiet machine" not in text


def test_what_the_budget_left_no_time_for_is_not_begun_rather_than_failed():
    reason = "The budget of 5 s was spent; about 60 s would measure all points."
    report = make_report(replace(made(setbacks=(Setback(POOL_2, Standing.NOT_BEGUN, reason),)), trials=()))

    assert report.verdict == f"Nothing was measured: {reason}"
    assert f"pool (python) with 2: not begun. {reason}" in report_text(report)


def test_the_command_measures_the_same_points_again():
    asked = plan(SMALL, seed=7, parameters={"numbers": 5, "word": "a b"}, diagnostic=(POOL_2,), diagnoses=False)

    assert command_of(asked) == (
        "python -m dynometer sweep random-sum --models sequential,threads,pool --workers 1,2 --variants python "
        "--param numbers=5 --param 'word=a b' --items 1000 --budget 50 --seed 7 --start-method fork "
        "--library-threads 1 --no-diagnosis")


def test_the_command_names_the_users_items_and_only_the_workers_asked_for():
    points = (BASELINE, Point("pool", "python", 2), Point("pool", "python", 4))
    asked = plan(points, inputs=("a", "b"), items=2, inputs_file="my items.json")

    assert "--workers 2,4 " in command_of(asked)
    assert "--inputs 'my items.json' --budget" in command_of(asked)


def test_json_has_stable_names_and_every_window():
    shown = json.loads(report_json(make_report(made(noise=0.01), read_gates(["speedup(pool,2) < 1.6"]))))

    assert {"report_format", "format", "state", "workload", "points", "trials", "fits", "diagnosis", "findings",
            "verdict", "environment", "observables", "gates", "not_measured", "setbacks", "plan"} <= set(shown)
    assert len(shown["trials"]) == 40
    assert shown["trials"][0]["throughput_per_s"] > 0
    [point] = [each for each in shown["points"] if (each["model"], each["workers"]) == ("pool", 2)]
    assert point["speedup"]["low"] < point["speedup"]["value"] < point["speedup"]["high"]
    assert point["grade"] == "A"
    assert shown["diagnosis"]["kind"] == "gil"
    assert len(shown["diagnosis"]["agreeing"]) >= 2
    assert shown["gates"][0]["is_met"] is True


def test_text_and_json_have_one_verdict():
    report = make_report(made(noise=0.01))

    said = " ".join(report_text(report).split("\n\n")[1].split())

    assert said == as_object(report)["verdict"]


def test_json_of_a_single_block_has_null_for_unknown_bounds():
    shown = json.loads(report_json(make_report(made(blocks=1))))

    [point] = [each for each in shown["points"] if (each["model"], each["workers"]) == ("pool", 2)]
    assert point["throughput_per_s"]["high"] is None


def test_the_result_comes_back_out_of_its_report_exactly():
    result = made(noise=0.01)

    shown = json.loads(report_json(make_report(result)))

    assert loads(json.dumps(without_conclusions(shown))) == result


@pytest.mark.parametrize(("value", "text"), [
    (0, "0"), (1.0, "1.00"), (0.98765, "0.988"), (19.34, "19.3"), (1234567.0, "1,234,567"), (1.5e-9, "1.50e-09"),
])
def test_figures_have_three_digits(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(("value", "text"), [(2.5, "2.5 s"), (0.05, "50 ms"), (3e-6, "3 us"), (4e-8, "40 ns")])
def test_seconds_have_the_unit_that_suits(value, text):
    assert seconds(value) == text


def test_a_suspicion_is_told_once():
    trials = tuple(trial(BASELINE, block, cores=0.004) for block in range(5))

    text = " ".join(text_of(replace(made({BASELINE: 10.0}), trials=trials, probes=())).split())

    assert "undetermined: Undetermined" not in text
    assert text.lower().count("waiting is suspected") == 1


def test_points_of_one_curve_stand_together_by_rising_workers():
    late = Point("threads", "python", 3)
    shuffled = {late: 10.1} | dict(reversed(GIL.items()))

    points = [(each.point.model, each.point.workers) for each in summarise(made(shuffled)).points]

    assert points[:4] == [("threads", 1), ("threads", 2), ("threads", 3), ("threads", 4)]


def test_a_coefficient_at_its_bound_has_an_interval_from_0():
    curve = {BASELINE: 10.0} | {Point("pool", "python", n): 10.0 * n / (1 + 0.01 * (n - 1)) for n in (1, 2, 3, 4, 6, 8)}
    wide = replace(ENVIRONMENT, cpus_usable=8.0)

    text = text_of(made(curve, noise=0.03, environment=wide)).split("\nLaws\n")[1]

    assert "one window" not in text
    assert "gamma" in text


def test_the_serial_share_is_read_by_both_laws():
    curve = {BASELINE: 10.0} | {Point("pool", "python", n): 10.0 * n / (1 + 0.05 * (n - 1)) for n in (1, 2, 4, 8)}
    wide = replace(ENVIRONMENT, cpus_usable=8.0)

    laws = " ".join(text_of(made(curve, environment=wide)).split("Laws")[1].split())

    assert "pool (python), by Karp-Flatt: serial fraction e 0.050 at 2, 0.050 at 4, 0.050 at 8. e stays" in laws
    assert "by Gustafson: if the work grows with the workers, as it does in these windows, 8 workers lose 29.6%" in laws


def test_a_linear_curve_has_no_serial_share_to_show():
    curve = {BASELINE: 10.0} | {Point("pool", "python", n): 10.0 * n for n in (1, 2, 4, 8)}

    assert "Karp-Flatt" not in text_of(made(curve, environment=replace(ENVIRONMENT, cpus_usable=8.0)))
