"""The command line: streams, exit statuses and sentences, on results made by hand."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from dynometer.commands.group import COMMANDS, main
from dynometer.commands.progress import state_of, time_left
from dynometer.commands.results import Kept, read_result
from dynometer.errors import InvalidInput
from dynometer.measure.result import load, save
from dynometer.measure.trial import Point, Setback, Standing
from tests.report.made import BASELINE, ENVIRONMENT, GIL, made

SLOWER = GIL | {Point("pool", "python", 2): 12.0}


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def kept(tmp_path):
    """The file of a result."""
    save(made(noise=0.01), tmp_path / "a.json")
    return tmp_path / "a.json"


@pytest.fixture
def slower(tmp_path):
    save(made(SLOWER, noise=0.01, seed=2), tmp_path / "b.json")
    return tmp_path / "b.json"


def no_sweep(monkeypatch, result, was_interrupted=False):
    """Commands get `result` at once, without measuring."""
    running = import_module("dynometer.commands.running")
    monkeypatch.setattr(running, "run", lambda plan, out, *, is_quiet: (result, was_interrupted))


def test_report_says_the_verdict_on_stdout(kept):
    done = run("report", kept)

    assert done.exit_code == 0
    assert "pool scales to 2 workers" in done.stdout
    assert done.stderr == ""


def test_report_as_json_is_one_object_that_report_reads_again(kept, tmp_path):
    (tmp_path / "report.json").write_text(run("report", kept, "--json").stdout)

    again = run("report", tmp_path / "report.json", "--json")

    assert again.exit_code == 0
    assert json.loads(again.stdout)["workload"] == "random-sum"
    assert read_result(tmp_path / "report.json") == load(kept)


@pytest.mark.parametrize(("gate", "status"), [("speedup(pool,2) < 1.6", 0), ("speedup(pool,2) < 1.99", 4),
                                              ("speedup(pool,3) < 1", 2), ("nonsense", 2)])
def test_gates_decide_the_status_of_a_report(kept, gate, status):
    assert run("report", kept, "--fail-if", gate).exit_code == status


def test_every_gate_counts(kept):
    done = run("report", kept, "--fail-if", "speedup(pool,2) < 1.6", "--fail-if", "throughput(threads,2) < 1000")

    assert done.exit_code == 4
    assert "Gate not met: fail if throughput(threads,2) < 1000" in done.stderr


def test_a_file_that_is_no_result_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "x.json").write_text("{]")

    done = run("report", tmp_path / "x.json")

    assert done.exit_code == 2
    assert "is not JSON" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("text", ["[]", "null", "7", '{"report_format": 1}', '{"format": 99}',
                                  '{"report_format": 1, "format": 1, "trials": [1]}'])
def test_json_that_is_no_result_is_refused_in_a_sentence(tmp_path, text):
    (tmp_path / "x.json").write_text(text)

    done = run("report", tmp_path / "x.json")

    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")


def test_compare_finds_a_loss_and_a_gate_stops_it(kept, slower):
    assert "pool (python) with 2 is slower" in " ".join(run("compare", kept, slower).stdout.split())
    assert run("compare", kept, slower).exit_code == 0
    assert run("compare", kept, slower, "--fail-if", "change(pool,2) < -5%").exit_code == 4
    assert run("compare", kept, slower, "--fail-if", "speedup(pool,2) < 1.6").exit_code == 4
    assert run("compare", slower, kept, "--fail-if", "change(pool,2) < -5%").exit_code == 0


def test_compare_of_a_result_with_itself_is_no_evidence(kept):
    shown = json.loads(run("compare", kept, kept, "--json").stdout)

    assert shown["verdict"] == "no evidence"


def test_unlike_machines_are_not_compared(kept, tmp_path):
    save(made(environment=replace(ENVIRONMENT, cpu_model="Other")), tmp_path / "other.json")

    done = run("compare", kept, tmp_path / "other.json")

    assert done.exit_code == 7
    assert "cpu_model: Test CPU against Other" in done.stderr
    assert run("compare", kept, tmp_path / "other.json", "--across", "cpu_model").exit_code == 0


@pytest.mark.parametrize("words", [
    ["sweep"], ["sweep", "no-such-workload"], ["sweep", "random-sum", "--models", "no-such-model"],
    ["sweep", "random-sum", "--workers", "0"], ["sweep", "random-sum", "--workers", "10000"],
    ["sweep", "random-sum", "--workers", "two"], ["sweep", "random-sum", "--workers", ""],
    ["sweep", "random-sum", "--param", "numbers"], ["sweep", "random-sum", "--param", "numbers=many"],
    ["sweep", "random-sum", "--param", "colour=red"], ["sweep", "random-sum", "--items", "0"],
    ["sweep", "random-sum", "--budget", "-1"], ["sweep", "random-sum", "--budget", "nan"],
    ["sweep", "random-sum", "--variants", "cobol"], ["sweep", "random-sum", "--start-method", "stork"],
    ["sweep", "random-sum", "--library-threads", "0"], ["sweep", "random-sum", "--fail-if", "speedup(pool,77) < 1"],
    ["sweep", "random-sum", "--inputs", "/no/such/file"], ["sweep", "/no/such/file.py:function"],
    ["sweep", "no.such.module:function"], ["report", "/no/such/file"], ["compare", "one"], ["swep", "random-sum"],
])
def test_bad_input_is_a_sentence_and_status_2(words):
    done = run(*words)

    assert done.exit_code == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""


def test_a_slip_of_the_pen_is_answered_with_a_guess():
    assert "Did you mean 'sweep'?" in run("sweeps").stderr
    assert "Did you mean random-sum?" in run("sweep", "random-sun").stderr


def test_a_place_that_can_not_be_written_is_refused_before_anything_is_measured(tmp_path):
    done = run("sweep", "random-sum", "--out", tmp_path / "no" / "such" / "folder.json")

    assert done.exit_code == 2
    assert "can't be written" in done.stderr


def test_a_gate_that_is_not_met_ends_a_sweep_with_4(monkeypatch):
    no_sweep(monkeypatch, made(noise=0.01))
    words = ["sweep", "random-sum", "--models", "sequential,threads,pool,vectorised", "--workers", "1,2,4"]

    assert run(*words, "--fail-if", "speedup(threads,2) < 1.6").exit_code == 4
    assert run(*words, "--fail-if", "speedup(pool,2) < 1.6").exit_code == 0


def test_an_interrupted_sweep_reports_what_it_has_and_ends_with_130(monkeypatch):
    no_sweep(monkeypatch, made(state="stopped"), was_interrupted=True)

    done = run("sweep", "random-sum", "--json")

    assert done.exit_code == 130
    assert json.loads(done.stdout)["state"] == "stopped"


def test_a_sweep_without_any_window_ends_with_3_and_the_reason(monkeypatch):
    failed = Setback(BASELINE, Standing.FAILED, "Item 0 raised ValueError: no.")
    no_sweep(monkeypatch, replace(made(setbacks=(failed,)), trials=()))

    done = run("sweep", "random-sum")

    assert done.exit_code == 3
    assert "Nothing could be measured. Item 0 raised ValueError: no." in done.stderr


def test_what_nobody_expected_is_a_sentence_and_status_1(monkeypatch, kept):
    report = import_module("dynometer.report.report")
    monkeypatch.setattr(report, "make_report", lambda *_: 1 / 0)

    done = run("report", kept)

    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.stderr
    assert "--debug" in done.stderr


def test_debug_shows_the_traceback(monkeypatch, kept):
    report = import_module("dynometer.report.report")
    monkeypatch.setattr(report, "make_report", lambda *_: 1 / 0)

    assert isinstance(run("report", kept, "--debug").exception, ZeroDivisionError)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_before_the_options(command):
    text = run(command, "--help").stdout

    assert text.index(f"python -m dynometer {command}") < text.index("Options:")


def test_the_list_of_commands_says_what_the_commands_say():
    for name, (place, line) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        assert getattr(import_module(module), attribute).name == name
        assert line.endswith(".")


def test_models_are_listed_with_their_reasons():
    listed = {about["key"]: about for about in json.loads(run("models", "--json").stdout)}

    assert listed["pool"]["is_available"]
    assert "fleet" in listed["cluster"]["reason"]
    assert "Wins when" in listed["threads"]["wins"]


def test_models_of_a_workload_name_the_variants_that_fit():
    listed = {about["key"]: about for about in json.loads(run("models", "random-sum", "--json").stdout)}

    assert listed["vectorised"]["variants"] == ["numpy"]
    assert not listed["event-loop"]["is_available"]


def test_workloads_are_listed():
    assert "random-sum" in run("workloads").stdout
    assert {"key", "parameters", "variants"} <= json.loads(run("workloads", "--json").stdout)[0].keys()


def test_a_kept_file_is_written_now_and_at_the_end(tmp_path):
    kept = Kept(tmp_path / "out.json")

    kept.finish(made(blocks=1))
    kept.update(made(blocks=2))  # within the same second: not worth the time
    first = load(tmp_path / "out.json")
    kept.finish(made(blocks=3))

    assert first == made(blocks=1)
    assert load(tmp_path / "out.json") == made(blocks=3)


def test_a_file_that_takes_long_to_write_is_written_more_seldom(monkeypatch):
    clock_s, written_s = [0.0], []

    def slow(result, path):
        written_s.append(clock_s[0])
        clock_s[0] += 0.5

    monkeypatch.setattr("dynometer.commands.results.save", slow)
    kept = Kept(Path("out.json"), lambda: clock_s[0])

    for _ in range(40):
        kept.update(made(blocks=1))
        clock_s[0] += 0.6

    assert [later - earlier for earlier, later in pairwise(written_s)] == [pytest.approx(10.7)] * 2


@pytest.mark.parametrize("error", [RuntimeError("broken"), MemoryError(), SystemExit(9), InvalidInput("no")])
def test_whatever_ends_a_sweep_what_was_measured_is_kept(monkeypatch, tmp_path, capsys, error):
    running = import_module("dynometer.commands.running")

    def broken(plan):
        yield from made().trials[:3]
        raise error

    monkeypatch.setattr(running, "sweep", broken)
    with pytest.raises(type(error)):
        running.run(made().plan, tmp_path / "out.json", is_quiet=True)

    result = load(tmp_path / "out.json")
    assert result.trials == made().trials[:3]
    assert result.state == "stopped"
    assert f"What was measured until then is in {tmp_path / 'out.json'}." in capsys.readouterr().err


def test_a_display_that_breaks_loses_nothing(monkeypatch, tmp_path):
    running = import_module("dynometer.commands.running")

    @contextmanager
    def broken_display(is_quiet):
        def show(result, event):
            raise BrokenPipeError

        yield show

    monkeypatch.setattr(running, "sweep", lambda plan: (trial for trial in made().trials))
    monkeypatch.setattr(running, "shown_progress", broken_display)
    with pytest.raises(BrokenPipeError):
        running.run(made().plan, tmp_path / "out.json", is_quiet=False)

    assert load(tmp_path / "out.json").trials == made().trials[:1]


def test_limit_and_precision_reach_the_plan(monkeypatch):
    plans = []
    running = import_module("dynometer.commands.running")
    monkeypatch.setattr(running, "run", lambda plan, out, *, is_quiet: plans.append(plan) or (made(), False))

    run("sweep", "random-sum", "--item-limit", "7.5", "--precision", "5")

    assert (plans[0].item_limit_s, plans[0].precision) == (7.5, 0.05)


@pytest.mark.parametrize("source", ["import os; os._exit(5)\n", "raise SystemExit\n"])
def test_a_file_that_ends_the_process_that_imports_it_is_a_sentence_and_status_2(tmp_path, source):
    (tmp_path / "mine.py").write_text(source + "def run(item): return item\n")

    done = run("sweep", f"{tmp_path}/mine.py:run")

    assert done.exit_code == 2
    assert f"Error: {tmp_path}/mine.py can't be imported" in done.stderr
    assert done.stdout == ""


def test_the_time_left_is_a_range_within_the_budget():
    result = replace(made(noise=0.1, blocks=2, budget_s=1000.0), elapsed_s=16.0)  # 16 windows, 1 s each

    low, high = time_left(result)

    assert (low, high) == (3 * 8, 18 * 8)  # 8 points lack 3 of at least 5 and 18 of at most 20 windows
    assert "16 windows, 24 s to 2.4 min left" in state_of(result)
    assert time_left(replace(result, plan=replace(result.plan, budget_s=20.0))) == (4.0, 4.0)


def test_precise_points_need_no_more_time():
    assert time_left(replace(made(noise=0.001), elapsed_s=10.0)) == (0.0, 0.0)


def test_a_quick_start_loads_nothing_that_computes():
    program = ("import sys; from dynometer.commands.group import main\n"
               "main(['--help'], standalone_mode=False)\n"
               "print(set('numpy scipy rich flask celery sqlalchemy psutil'.split()) & set(sys.modules))")

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.endswith("set()\n")


def test_an_items_file_that_is_not_json_names_the_line(tmp_path):
    (tmp_path / "items").write_text("1\n2\nthree\n")

    done = run("sweep", "factorise", "--inputs", tmp_path / "items")

    assert done.exit_code == 2
    assert "line 3" in done.stderr



def test_without_models_those_are_measured_that_fit():
    from dynometer.measure.planning import make_plan

    def models_of(key, **wanted):
        plan = make_plan(key, **wanted)
        return list(dict.fromkeys(point.model for point in plan.points)), plan.setbacks

    assert models_of("random-sum")[0][:5] == ["sequential", "threads", "processes-manager", "pool", "vectorised"]
    assert "event-loop" in models_of("wait")[0]
    assert "vectorised" not in models_of("wait")[0]
    assert "vectorised" not in models_of("matrix-product")[0]  # its only variant: sequential runs that one
    assert models_of("wait")[1] == ()


def test_a_file_that_is_no_result_is_not_overwritten_and_nothing_is_run(tmp_path, monkeypatch):
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")

    done = run("sweep", f"{tmp_path}/nowhere.py:f", "--out", mine)

    assert done.exit_code == 2
    assert "is no result of a sweep: it was left as it is, and nothing was run" in done.stderr
    assert mine.read_text() == "years of work"


def test_a_result_that_measured_nothing_goes_beside_a_good_one(kept):
    nothing = replace(made(), trials=())
    keeper = Kept(kept)

    keeper.finish(nothing)

    assert keeper.place(nothing).name == "a.nothing-measured.json"
    assert load(keeper.place(nothing)) == nothing
    assert load(kept).trials
    keeper.finish(made())
    keeper.drop_beside(made())
    assert [path.name for path in kept.parent.glob("*.json")] == ["a.json"]


@pytest.mark.parametrize("gates", [[], ["--fail-if", "speedup(pool,2) < 1.6"]])
def test_a_result_in_which_nothing_counts_ends_all_commands_with_3(tmp_path, monkeypatch, kept, gates):
    nothing = replace(made(), trials=())
    save(nothing, tmp_path / "nothing.json")
    no_sweep(monkeypatch, nothing)

    models = ["--models", "sequential,pool", "--workers", "1,2"]
    assert run("sweep", "random-sum", *models, *gates).exit_code == 3
    assert run("report", tmp_path / "nothing.json", *gates).exit_code == 3
    compared = run("compare", kept, tmp_path / "nothing.json")
    assert compared.exit_code == 3
    assert "B, nothing.json, holds no window that counts" in compared.stderr
