"""`python -m dynometer fit`, as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dynometer.__main__ import main
from dynometer.analysis.karp_flatt import SENTENCES, Reading, beside
from dynometer.commands.errors import refuses
from dynometer.errors import DynometerError

PUBLISHED = Path(__file__).parent.parent / "published"
CHECKOUT = Path(__file__).parent.parent.parent


@pytest.fixture
def run(tmp_path):
    def run(table, *options):
        (tmp_path / "table.csv").write_text(table)
        return CliRunner().invoke(main, ["fit", str(tmp_path / "table.csv"), *options])

    return run


@pytest.fixture
def table(sdm91):
    return "N,X\n" + "".join(f"{n},{x}\n" for n, (x,) in sdm91.items())


def test_the_report_of_sdm91_says_the_law_first_then_its_coefficients_and_peak(run, table):
    shown = run(table).output

    assert shown.index("Law: USL") < shown.index("sigma, contention") < shown.index("efficiency")
    assert "peak, workers              92.58  (71.6 to 119.7), X = 1,961 at 92 and 1,961 at 93" in shown
    assert "0.01345  (0.00223 to 0.02468)" in shown
    assert "largest residual +9.2%, at N = 36" in shown


def test_the_json_of_sdm91_by_absolute_least_squares(run, table):
    result = run(table, "--estimator", "absolute", "--json", "--forecast", "300", "--forecast", "500")

    answer = json.loads(result.output)

    assert result.exit_code == 0
    assert (answer["law"], answer["estimator"]) == ("usl", "absolute")
    assert answer["usl"]["peak_workers"] == pytest.approx(96.5196, abs=1e-3)
    assert answer["usl"]["se"]["gamma"] == pytest.approx(14.2135, abs=1e-3)
    assert answer["usl"]["peak_ceil"]["workers"] == 97
    assert [point["fitted"] for point in answer["points"]][-1] == pytest.approx(1646, abs=0.5)
    assert [each["standing"] for each in answer["forecasts"]] == ["extrapolated", "refused"]
    assert "13-50 %" in answer["forecasts"][1]["sentence"]


def test_far_forecasts_come_when_asked_for(run, table):
    answer = json.loads(run(table, "--json", "--forecast", "500", "--far").output)

    assert answer["forecasts"][0]["standing"] == "far"
    assert answer["forecasts"][0]["throughput"]["value"] < 1000


def test_four_points_are_told_what_they_can_not_know(run):
    shown = " ".join(run("N,X\n1,100\n2,185\n4,300\n8,420\n", "--forecast", "16").output.split())

    assert "Only 4 worker counts: forecasts beyond 8 are refused below 5, and three coefficients need 6." in shown
    assert "No replicates: nothing tells noise from a wrong law" in shown
    assert "if there is one, N >= " in shown
    assert "N = 16: refused" in shown


@pytest.mark.parametrize("options", [(), ("--cores", "4"), ("--estimator", "absolute"), ("--cores", "2")])
def test_the_usl_is_there_whatever_law_is_chosen(run, options):
    rows = "".join(f"{n},{100 * min(n, 4)}\n" * 3 for n in (1, 2, 3, 4, 6, 8))

    answer = json.loads(run("N,X\n" + rows, "--json", *options).output)

    assert answer["usl"]["sigma"] >= 0
    assert answer["law"] == "roofline"  # of the cores, or with a break-point that the points tell
    assert (answer["roofline"] is not None) == (answer["law"] == "roofline")


def test_two_points_give_a_report_without_a_law(run):
    answer = json.loads(run("N,X\n1,100\n2,150\n", "--json").output)

    assert (answer["law"], answer["usl"], answer["amdahl"]) == ("none", None, None)
    assert [point["speedup"] for point in answer["points"]] == pytest.approx([1.0, 1.5])


def test_the_oracle_table_is_read_as_published(published):
    answer = json.loads(CliRunner().invoke(main, ["fit", str(PUBLISHED / "usl_oracledb.csv"), "--estimator", "absolute",
                                                  "--json"]).output)

    assert answer["usl"]["sigma"] == pytest.approx(published("usl_oracledb")["r_nls"]["sigma"], rel=1e-4)
    assert answer["usl"]["degrees_of_freedom"] == 357


def test_three_points_leave_null_where_nothing_is_known(run):
    answer = json.loads(run("N,X\n1,100\n2,185\n4,300\n", "--json").output)

    assert answer["law"] == "none"
    assert answer["usl"]["se"] == {"sigma": None, "kappa": None, "gamma": None}


@pytest.mark.parametrize(("table", "options", "words"), [
    ("N,X\n1,10\n2,-3\n", (), "Line 3: X is -3"),
    ("N,X\n1,10\n", (), "one worker count only"),
    ("N,X\n1,10\n2,19\n4,30\n", ("--cores", "0"), "The cores must be greater than 0, not 0."),
    ("N,X\n1,10\n2,19\n4,30\n", ("--forecast", "-1"), "The workers must be greater than 0, not -1."),
])
def test_a_refusal_is_a_sentence_and_status_two(run, table, options, words):
    result = run(table, *options)

    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_debug_shows_where_a_refusal_came_from(run):
    assert isinstance(run("N,X\n1,10\n2,-3\n", "--debug").exception, DynometerError)


def test_a_failure_that_is_not_the_inputs_fault_has_status_three():
    @click.command()
    @refuses
    def fails():
        raise DynometerError("The machine is on fire.", hint="Leave the room.")

    result = CliRunner().invoke(fails, [])

    assert (result.exit_code, result.stderr) == (3, "Error: The machine is on fire.\nLeave the room.\n")


def test_a_missing_file_is_a_usage_error():
    assert CliRunner().invoke(main, ["fit", "nowhere.csv"]).exit_code == 2


def test_the_command_line_starts_without_numpy_and_scipy():
    program = "import sys, dynometer.__main__, dynometer.advice.facts; print({'numpy', 'scipy'} & set(sys.modules))"

    said = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert said.stdout == "set()\n"


def test_absolute_least_squares_show_the_usl_even_beside_another_law(run):
    rows = "".join(f"{n},{100 * n / (1 + 0.1 * (n - 1)):.0f}\n" for n in (1, 2, 3, 4, 6, 8))

    shown = run("N,X\n" + rows, "--estimator", "absolute").output

    assert "Law: Amdahl" in shown
    assert "to compare with published answers" in shown
    assert "kappa, coherence" in shown


def test_a_peak_far_beyond_the_points_is_an_extrapolation_and_not_certain(run):
    rows = [(n, 10 * n / (1 + 0.0005 * n * (n - 1))) for n in (1, 2, 4, 8, 12, 16)]
    table = "N,X\n" + "".join(f"{n},{x:.12f}\n" for n, x in rows for _ in range(2))

    usl = json.loads(run(table, "--json").output)["usl"]

    assert usl["peak_workers"] == pytest.approx(44.7, abs=0.1)
    assert usl["peak_is_certain"] is False
    assert "an extrapolation" in run(table).output


def test_of_a_curve_that_falls_one_worker_is_best(run):
    rows = [(n, 10 * n / (1 + 0.5 * (n - 1) + n * (n - 1))) for n in (1, 2, 3, 4, 6, 8)]

    shown = run("N,X\n" + "".join(f"{n},{x * off:.12f}\n" for n, x in rows for off in (0.99, 1, 1.01))).output

    assert "One worker is best" in shown
    assert "peaks near" not in shown


def test_karp_flatt_does_not_contradict_the_law_that_was_chosen():
    rising = Reading("rising", {2.0: 0.1, 4.0: 0.12, 8.0: 0.15}, SENTENCES["rising"])

    assert "not a serial part" in beside(rising, "usl")
    assert "not a serial part" not in beside(rising, "amdahl")
