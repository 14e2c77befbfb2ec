"""`python -m dynometer plan`, as a user or a script meets it."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from dynometer.commands.plan import plan


def run(*arguments, **options):
    return CliRunner().invoke(plan, [str(argument) for argument in arguments], **options)


def told(*arguments, **options):
    result = run(*arguments, "--json", **options)
    assert result.exit_code in (0, 4), result.stderr
    answer = json.loads(result.stdout)
    assert (result.exit_code == 4) is not answer["feasible"]
    return answer


@pytest.mark.parametrize(("wait", "expected"), [(1, 20), (2, 18), (5, 17)])
def test_the_published_question(wait, expected):
    assert told("--arrival", 5, "--service", 3, "--wait", wait, "--quantile", 0.95)["servers"] == expected


def test_the_json_carries_every_number_of_the_answer():
    answer = told("--arrival", 5, "--service", 3, "--wait", 2)

    assert answer["feasible"] is True
    assert answer["utilisation"] == pytest.approx(5 / 6)
    assert answer["offered_load"] == 15
    assert answer["p_wait"] == pytest.approx(0.361334384)
    assert answer["wait_quantile_s"] == pytest.approx(1.97778080)
    assert answer["response_mean_s"] == pytest.approx(3 + answer["wait_mean_s"])
    assert answer["runner_up"]["servers"] == 17
    assert answer["runner_up"]["reason"] == "the p95 of the wait is 3.51 s, over 2 s"
    assert answer["rules_of_thumb"] == {"at_utilisation_70": 22, "square_root": 19}


def test_people_read_sentences():
    result = run("--arrival", 5, "--service", 3, "--wait", 2)

    assert result.stdout.startswith("18 servers: the p95 of the wait is at most 2 s.\n15 erlang arrive")


def test_what_can_not_be_is_an_answer():
    answer = told("--arrival", 50, "--service", 0.04, "--response", 0.1)

    assert answer["feasible"] is False
    assert answer["servers"] is None
    assert answer["reason"].startswith("Infeasible for any number of servers")
    assert answer["service_quantile_s"] == pytest.approx(0.1198, abs=1e-4)


def test_even_services_need_fewer_servers():
    question = ("--arrival", 200, "--service", 0.05, "--wait", 0.01)

    plain, even = told(*question), told(*question, "--service-cv2", 0)

    assert even["servers"] < plain["servers"]


def test_measured_times_come_from_a_file_or_stdin(tmp_path):
    times = tmp_path / "times.txt"
    times.write_text("\n".join(["0.01"] * 190 + ["0.3"] * 10))

    from_file = told("--arrival", 20, "--service-times", times, "--response", 0.4)
    from_stdin = told("--arrival", 20, "--service-times", "-", "--response", 0.4, input=times.read_text())

    assert from_file == from_stdin
    assert from_file["service_s"] == pytest.approx(0.0245)
    assert from_file["warnings"] != []


def test_a_web_tier_is_planned_in_nodes():
    answer = told("--arrival", 300, "--service", 0.05, "--response", 0.2, "--threads", 4, "--wait-share", 0.8,
                  "--processes", 2, "--spare", 1)

    assert (answer["unit"], answer["servers"], answer["servers_with_spare"]) == ("nodes", 3, 4)
    assert answer["web_tier"]["node_capacity_per_s"] == pytest.approx(160)
    assert answer["web_tier"]["bottleneck"] == "threads"


def test_computing_can_be_given_in_seconds():
    share = told("--arrival", 30, "--service", 0.05, "--response", 0.2, "--threads", 4, "--wait-share", 0.8)
    seconds = told("--arrival", 30, "--service", 0.05, "--response", 0.2, "--threads", 4, "--service-cpu", 0.01)

    assert share["servers"] == seconds["servers"]


def test_a_simulation_is_made_when_asked_for():
    answer = told("--arrival", 5, "--service", 3, "--wait", 5, "--simulate", "--seed", 4)

    assert answer["simulation"]["seed"] == 4
    assert answer["simulation"]["holds"] is True


@pytest.mark.parametrize(("nodes", "p95_s", "holds"), [(2, 0.305, False), (3, 0.206, True)])
def test_requests_spread_at_random_decide_how_many_nodes(nodes, p95_s, holds):
    question = ("--arrival", 60, "--service", 0.05, "--service-cpu", 0.04, "--processes", 2, "--threads", 4,
                "--response", 0.25)

    judged = told(*question, "--servers", nodes)

    routed = judged["web_tier"]["random_routing"]
    assert routed["response_quantile_s"]["value"] == pytest.approx(p95_s, rel=0.04)
    assert judged["response_quantile_s"] < 0.9 * routed["response_quantile_s"]["value"]  # one queue for all is better
    assert judged["feasible"] is holds
    assert judged["is_exact"] is False


def test_the_plan_of_nodes_goes_by_random_routing_and_says_so():
    result = run("--arrival", 60, "--service", 0.05, "--service-cpu", 0.04, "--processes", 2, "--threads", 4,
                 "--response", 0.25)

    assert result.stdout.startswith("3 nodes: the p95 of the response is at most 250 ms")
    assert "as if one queue fed all processes, an approximation" in result.stdout
    assert "With requests spread at random over the 6 processes" in result.stdout
    assert "2 nodes would not do: the p95 of the response is" in result.stdout
    assert "exact" not in result.stdout


@pytest.mark.parametrize("arrival", ["1e15", "1e19", "1e300"])
def test_a_load_beyond_all_servers_is_an_answer_and_no_hang(arrival):
    answer = told("--arrival", arrival, "--service", 1, "--wait", 1)

    assert answer["feasible"] is False
    assert "Infeasible with at most 100,000 servers" in answer["reason"]


def test_a_given_number_is_judged():
    answer = told("--arrival", 2, "--service", 1 / 3, "--servers", 2)

    assert answer["p_empty"] == pytest.approx(0.5)
    assert answer["queue_mean"] == pytest.approx(1 / 12)


def test_the_published_call_centre_of_uneven_calls():
    answer = told("--arrival", 1 / 11.39, "--service", 90, "--service-cv2", 16 / 9, "--servers", 10)

    assert answer["wait_mean_sakasegawa_s"] == pytest.approx(24.97903, rel=1e-6)
    assert answer["formula"] == "Allen-Cunneen (G/G/c)"


@pytest.mark.parametrize(("arguments", "said"), [
    (("--arrival", "nan", "--service", 1, "--wait", 1), "--arrival must be a finite number above 0, not nan"),
    (("--arrival", -1, "--service", 1, "--wait", 1), "--arrival must be"),
    (("--arrival", 1, "--service", 0, "--wait", 1), "service_s must be"),
    (("--arrival", 1, "--service", "inf", "--wait", 1), "service_s must be"),
    (("--arrival", 1, "--wait", 1), "no service time is given"),
    (("--arrival", 1, "--service", 1), "a plan needs a target"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--quantile", 95), "quantile must be between 0 and 1"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--service-cv2", -1), "service_cv2 must be"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--batch", 0), "batch must be"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--spare", -1), "spare must be"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--servers", 0), "servers must be"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--service-times", "x"), "mean and cv2 of its own"),
    (("--arrival", 1, "--service-times", "/nowhere/x", "--wait", 1), "can't read /nowhere/x"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--wait-share", 0.5), "are of web nodes"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--threads", 2), "is needed once"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--threads", 2, "--wait-share", 2), "between 0 and 1"),
    (("--arrival", 1, "--service", 1, "--wait", 1, "--threads", 2, "--service-cpu", 2), "at most the whole service"),
    (("--arrival", "x", "--service", 1, "--wait", 1), "not a valid float"),
    (("--arrival", 1, "--service", 0.5, "--wait", 1, "--simulate", "--seed", -1), "seed must be a whole number, 0 or"),
])
def test_bad_input_is_one_sentence_and_status_2(arguments, said):
    result = run(*arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_bytes_are_no_times(tmp_path):
    (tmp_path / "times").write_bytes(b"\xff\xfe\x00")

    result = run("--arrival", 1, "--service-times", tmp_path / "times", "--wait", 1)

    assert result.exit_code == 2
    assert "Name a text file with one time per line" in result.stderr


def test_the_command_is_known_and_loads_no_numpy_for_erlang_c():
    program = (
        "import sys; from click.testing import CliRunner; from dynometer.__main__ import main; "
        "answer = CliRunner().invoke(main, 'plan --arrival 5 --service 3 --wait 2'.split()); "
        "print(answer.stdout.split()[0], {'numpy', 'scipy'} & set(sys.modules))"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["18", "set()"]


def test_debug_shows_where_a_refusal_came_from():
    result = run("--arrival", -1, "--service", 1, "--wait", 1, "--debug")

    assert "--arrival" in str(result.exception)
    assert not isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("words", [
    "--arrival 5 --service 3 --wait 2 --servers 15", "--arrival 5 --service 3 --wait 2 --max-servers 10",
    "--arrival 5 --service 3 --response 1", "--arrival 5 --service 3 --response 1 --json",
])
def test_an_answer_of_no_ends_with_status_4(words):
    assert run(*words.split()).exit_code == 4


def test_no_arrivals_are_refused_by_the_options_name():
    done = run("--arrival", "0", "--service", "3", "--wait", "2")

    assert done.exit_code == 2
    assert "--arrival must be a finite number above 0, not 0." in done.stderr
