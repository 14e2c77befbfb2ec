"""`./dyno up` itself, and the commands that talk to what it started."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from fleet.data_folder import DataFolder
from fleet.up import schema_of
from settings import Settings, child_environment
from tests.fleet.processes import CHECKOUT, Started
from tests.services import Postgres, RabbitMQ, free_port, until

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/setup#([\w-]{43})")
NO_BROKER = {"DYNOMETER_SAMPLE": "false", "BROKER_URL": "", "REDIS_URL": "", "CLOUDAMQP_URL": "", "DATABASE_URL": ""}
READY_S = 120.0  # the suite shares the machine
QUICK = ["--param", "numbers=10"]


class Up(Started):
    """A running `./dyno up`."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.port = free_port()
        arguments = ["cli", "up", "--data", str(data), "--port", str(self.port), *options]
        super().__init__(arguments, data, **{**NO_BROKER, **environment})
        self.url = f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> None:
        self.wait_for("Dynometer is ready", within_s=READY_S)

    def dyno(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Another command, on the same data folder."""
        return dyno(*arguments, "--data", str(self.data), **environment)

    def run_job(self, *arguments: str) -> dict[str, Any]:
        done = self.dyno("job", "run", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        job: dict[str, Any] = json.loads(done.stdout)
        return job


def dyno(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=CHECKOUT, env=child_environment(**{**NO_BROKER, **environment}),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("fleet") / "data")
    try:
        up.is_ready()
        yield up
    finally:
        up.end()


def test_it_says_where_to_go_and_how_to_come_in(up: Up) -> None:
    link = LINK.search(up.text)

    assert link
    assert link[1] == up.url
    assert requests.get(f"{up.url}/readyz", timeout=10).json() == {"ok": True}
    assert requests.get(f"{up.url}/setup", timeout=10).status_code == 200


def test_a_token_is_all_that_token_create_prints(up: Up) -> None:
    made = up.dyno("token", "create", "ci")

    assert re.fullmatch(r"dyno_[\w-]{43}\n", made.stdout)
    assert made.stderr == ""
    bearer = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert requests.get(f"{up.url}/api/v1/jobs", headers=bearer, timeout=10).status_code == 200


def test_a_job_runs_to_its_result(up: Up) -> None:
    job = up.run_job("random-sum", "--items", "50", *QUICK)

    assert (job["version"], job["state"], job["items_done"], job["items_total"]) == (1, "succeeded", 50, 50)
    lines = up.dyno("job", "results", str(job["id"])).stdout.splitlines()
    assert [json.loads(line)["item"] for line in lines] == list(range(50))
    assert "succeeded, 50 of 50 items" in up.dyno("job", "show", str(job["id"])).stdout


def test_a_job_runs_on_a_file_of_items(up: Up, tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("6\n35\n77\n")

    job = up.run_job("factorise", "--inputs", str(tmp_path / "numbers.txt"))

    assert job["items_total"] == 3
    csv = up.dyno("job", "results", str(job["id"]), "--csv").stdout
    assert len(csv.splitlines()) == 4


@pytest.mark.parametrize("how", ["a pipe", "standard input"])
def test_a_job_runs_on_items_that_come_through_a_pipe(up: Up, how: str) -> None:
    inputs = {"a pipe": "<(echo 0.01; echo 0)", "standard input": "- < <(echo 0.01; echo 0)"}[how]
    command = f'"{sys.executable}" -m cli job run wait --data "{up.data}" --json --inputs {inputs}'

    done = subprocess.run(
        ["bash", "-c", command], cwd=CHECKOUT, env=child_environment(**NO_BROKER), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items_total"] == 2


def test_jobs_are_listed_newest_first(up: Up) -> None:
    first, second = (up.run_job("random-sum", "--items", "1", *QUICK)["id"] for _ in range(2))

    listed = json.loads(up.dyno("job", "list", "--json", "--limit", "2").stdout)
    words = up.dyno("job", "list", "--limit", "1").stdout.splitlines()

    assert listed["version"] == 1
    assert [(job["id"], job["state"]) for job in listed["jobs"]] == [(second, "succeeded"), (first, "succeeded")]
    assert words[1].split()[:3] == [str(second), "succeeded", "random-sum"]
    assert len(words) == 2


def test_a_reader_that_has_enough_ends_the_results_quietly(up: Up) -> None:
    job_id = up.run_job("random-sum", "--items", "5000", "--param", "numbers=1")["id"]
    command = f'"{sys.executable}" -m cli job results {job_id} --data "{up.data}" | head -2; echo ${{PIPESTATUS[0]}}'

    shown = subprocess.run(
        ["bash", "-c", command], cwd=CHECKOUT, env=child_environment(**NO_BROKER), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip

    assert [json.loads(line)["item"] for line in shown.stdout.splitlines()[:2]] == [0, 1]
    assert shown.stdout.splitlines()[2] in ("0", "141")  # 0 when all of it fitted into the pipe
    assert shown.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["no-such-thing", "--items", "1"], 1, "no-such-thing"),
        (["random-sum", "--items", "1", "--param", "numbers=-1"], 2, "numbers"),
        (["random-sum", "--items", "1", "--param", "numbers"], 2, "NAME=VALUE"),
        (["random-sum", "--items", "0"], 2, "--items"),
        (["random-sum", "--items", "1", "--server", "http://127.0.0.1:9"], 5, "does not answer"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_a_status(up: Up, arguments: list[str], status: int, sentence: str) -> None:
    refused = up.dyno("job", "run", *arguments, DYNOMETER_TOKEN="" if status != 5 else "x")

    assert (refused.returncode, refused.stdout) == (status, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_cancelled_job_ends_with_its_own_status(up: Up) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "job", "run", "wait", "--items", "100000", "--data", str(up.data)],
        cwd=CHECKOUT, env=child_environment(**NO_BROKER), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stderr
    job_id = re.search(r"Job (\d+) is accepted", running.stderr.readline())
    assert job_id

    assert up.dyno("job", "cancel", job_id[1]).returncode == 0

    output, _ = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "cancelled" in output


def test_a_job_that_had_ended_is_not_called_cancelled(up: Up) -> None:
    job_id = up.run_job("random-sum", "--items", "1", *QUICK)["id"]

    refused = up.dyno("job", "cancel", str(job_id))

    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"Job {job_id} had already succeeded; nothing was cancelled." in refused.stderr


def test_a_second_up_on_the_same_folder_is_refused(up: Up) -> None:
    second = dyno("up", "--data", str(up.data), "--port", str(free_port()))

    assert second.returncode == 2
    assert f"runs already on {up.data} (process {up.process.pid})" in second.stderr
    assert "--data" in second.stderr


def test_a_taken_port_is_named(up: Up, tmp_path: Path) -> None:
    second = dyno("up", "--data", str(tmp_path / "other"), "--port", str(up.port))

    assert second.returncode == 2
    assert f"Port {up.port} is taken by " in second.stderr
    assert f"--port {up.port + 1}" in second.stderr


def test_the_doctor_looks_at_the_fleet_that_runs(up: Up) -> None:
    said = up.dyno("doctor", BROKER_URL=f"redis://127.0.0.1:{free_port()}/0", PORT="1")

    assert said.returncode == 0, said.stdout
    assert f"process {up.process.pid}, {up.url}, 1 web and 1 worker node(s)" in said.stdout
    assert f"port {up.port} is served by the fleet that runs" in said.stdout
    assert re.search(r"broker: the one at \S+/broker\.sock answers", said.stdout)


@pytest.mark.faults
@pytest.mark.parametrize("node", ["web.1", "worker.1", "broker", "nginx"])
def test_a_killed_node_comes_back_and_work_goes_on(up: Up, node: str, request: pytest.FixtureRequest) -> None:
    if node == "nginx":
        request.getfixturevalue("nginx_binary")
    before = up.node_pid(node)

    os.kill(before, signal.SIGKILL)

    until(lambda: up.node_pid(node) != before, f"{node} runs again")
    assert up.run_job("random-sum", "--items", "20", *QUICK)["state"] == "succeeded"


def test_ctrl_c_stops_everything_and_a_second_start_keeps_everything(tmp_path: Path) -> None:
    first = Up(tmp_path / "data")
    try:
        first.is_ready()
        job = first.run_job("random-sum", "--items", "5", *QUICK)
        first.signal(signal.SIGINT)
        assert first.wait() == 130
        first.leaves_nothing()
        assert not (first.data / "up.json").exists()
    finally:
        first.end()

    second = Up(tmp_path / "data", "--no-nginx", "--web", "2", "--worker", "2")
    try:
        second.is_ready()
        shown = second.dyno("job", "show", str(job["id"]), "--json")
        assert json.loads(shown.stdout)["state"] == "succeeded"
        assert second.run_job("random-sum", "--items", "40", *QUICK)["state"] == "succeeded"
        second.signal(signal.SIGTERM)
        assert second.wait() == 0
        second.leaves_nothing()
    finally:
        second.end()


def test_a_second_start_says_what_goes_on_and_shows_nobody_else_the_data(tmp_path: Path) -> None:
    first = Up(tmp_path / "data", "--no-nginx")
    try:
        first.is_ready()
        bearer = {"Authorization": f"Bearer {first.dyno('token', 'create', 'ci').stdout.strip()}"}
        long = {"workload": "wait", "items": 100_000}
        assert requests.post(f"{first.url}/api/v1/jobs", headers=bearer, json=long, timeout=10).status_code == 202
        assert "goes on" not in first.text.split("ready")[1]
        assert {stat.S_IMODE(path.stat().st_mode) for path in first.data.glob("dynometer.db*")} == {0o600}
    finally:
        first.signal(signal.SIGTERM)
        first.wait()

    (first.data / "dynometer.db").chmod(0o644)  # as older versions left it
    second = Up(tmp_path / "data", "--no-nginx")
    try:
        second.is_ready()
        second.wait_for("1 job goes on.")
        assert {stat.S_IMODE(path.stat().st_mode) for path in second.data.glob("dynometer.db*")} == {0o600}
    finally:
        second.end()


def test_a_known_database_that_was_replaced_gets_its_tables(tmp_path: Path) -> None:
    settings = Settings.from_env({"DYNOMETER_DATA_DIR": str(tmp_path / "data")})
    folder = DataFolder(settings.data_dir)
    (settings.data_dir / "dynometer.db").touch()
    folder.note_migrated(schema_of(settings))

    up = Up(tmp_path / "data")
    try:
        up.is_ready()
        assert up.run_job("random-sum", "--items", "5", *QUICK)["state"] == "succeeded"
    finally:
        up.end()


@pytest.mark.faults
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    up = Up(tmp_path / "data")
    try:
        up.is_ready()
        supervisor, *_ = up.own_processes()

        os.kill(supervisor, signal.SIGKILL)

        assert up.wait() == 1
        up.leaves_nothing()
    finally:
        up.end()


@pytest.mark.services
def test_the_full_stack(tmp_path: Path, postgres: Postgres, rabbitmq: RabbitMQ, nginx_binary: str) -> None:
    database_url = postgres.new_database().replace("postgresql+psycopg2", "postgres")  # as platforms write it
    up = Up(tmp_path / "data", "--worker", "2", DATABASE_URL=database_url, BROKER_URL=rabbitmq.url)
    try:
        up.is_ready()

        job = up.run_job("random-sum", "--items", "200", *QUICK)

        assert job["state"] == "succeeded"
        assert not (up.data / "run" / "broker.pid").exists()
        up.signal(signal.SIGINT)
        assert up.wait() == 130
        up.leaves_nothing()
    finally:
        up.end()


def test_a_database_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    refused = dyno("up", "--data", str(tmp_path), "--port", str(free_port()), DATABASE_URL="postgres://127.0.0.1:1/x")

    assert refused.returncode == 2
    assert "The database can't be used: connection to server" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody listens there and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def test_a_broker_that_nobody_runs_is_a_sentence(tmp_path: Path) -> None:
    url = f"amqp://guest:pass-word@127.0.0.1:{free_port()}//"

    refused = dyno("up", "--data", str(tmp_path), "--port", str(free_port()), BROKER_URL=url)

    assert refused.returncode == 2
    assert "The broker can't be used: nobody answers at 127.0.0.1:" in refused.stderr
    assert "Connection refused" in refused.stderr
    assert "pass-word" not in refused.stderr
    assert not (tmp_path / "up.json").exists()


@pytest.mark.parametrize("command", [["token", "create", "ci"], ["migrate"]])
def test_without_its_database_a_command_says_so_as_up_does(tmp_path: Path, command: list[str]) -> None:
    data = {"DYNOMETER_DATA_DIR": str(tmp_path)}

    refused = dyno(*command, DATABASE_URL=f"postgres://u:pass-word@127.0.0.1:{free_port()}/x", **data)

    assert (refused.returncode, refused.stdout) == (2, "")
    first, second = refused.stderr.splitlines()
    assert first.startswith("dyno: The database can't be used: connection to server")
    assert second == "  Does it run, and is DATABASE_URL right?"


def test_a_database_of_another_kind_is_a_sentence(tmp_path: Path) -> None:
    for command in ("up", "doctor"):
        refused = dyno(command, "--data", str(tmp_path), DATABASE_URL="mysql://root:pass-word@localhost/x")

        assert refused.returncode == 2
        assert "begins with mysql://" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "pass-word" not in refused.stderr


def test_a_stop_for_the_whole_group_while_it_starts_is_no_failure(tmp_path: Path) -> None:
    first = Up(tmp_path / "data", "--no-nginx")
    try:
        first.is_ready()
    finally:
        first.signal(signal.SIGTERM)
        first.wait()

    second = Up(tmp_path / "data", "--no-nginx")  # on a database it knows the nodes start at once
    try:
        second.wait_for("Starting on")
        second.look()
        os.killpg(second.process.pid, signal.SIGTERM)

        assert second.wait() in (0, -signal.SIGTERM)
        second.leaves_nothing()
        assert "without a word" not in second.text
    finally:
        second.end()


def test_a_start_that_is_stopped_at_a_silent_database_leaves_nothing(tmp_path: Path, silent_port: int) -> None:
    up = Up(tmp_path / "data", DATABASE_URL=f"postgresql://dyno@127.0.0.1:{silent_port}/x")
    try:
        up.wait_for("Starting on")

        up.signal(signal.SIGTERM)

        up.wait()
        up.leaves_nothing()
        assert "without a word" not in up.text
    finally:
        up.end()
