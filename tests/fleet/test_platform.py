"""The Procfile as a platform runs it: its lines, its variables, its signals, and nothing of `./dyno up`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from fleet.procfile import read_procfile
from settings import child_environment
from store.accounts import create_token, service_account
from store.database import Database
from tests.fleet.processes import CHECKOUT, family, is_alive
from tests.services import Postgres, RabbitMQ, free_port, until

pytestmark = pytest.mark.services
RunLine = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def environment(postgres: Postgres, rabbitmq: RabbitMQ, tmp_path: Path) -> dict[str, str]:
    """What a platform sets."""
    return {
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "2",
        "DATABASE_URL": postgres.new_database().replace("postgresql+psycopg2", "postgres"),
        "CLOUDAMQP_URL": rabbitmq.url,
        "DYNOMETER_SECRET_KEY": "k" * 48,
        "DYNOMETER_DATA_DIR": str(tmp_path),
        "DYNOMETER_SLOTS": "1",
        "PATH": f"{Path(sys.executable).parent}:{child_environment()['PATH']}",
    }


@pytest.fixture
def run_line(environment: dict[str, str]) -> Iterator[RunLine]:
    started: list[subprocess.Popen[bytes]] = []

    def run(name: str) -> subprocess.Popen[bytes]:
        line = read_procfile(CHECKOUT / "Procfile")[name]
        variables = child_environment(**environment, DYNO=f"{name}.1")
        started.append(subprocess.Popen(["bash", "-c", line], cwd=CHECKOUT, env=variables, start_new_session=True))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_job_runs_on_a_platform(run_line: RunLine, environment: dict[str, str]) -> None:
    assert run_line("release").wait(60) == 0
    web, worker = run_line("web"), run_line("worker")
    url = f"http://127.0.0.1:{environment['PORT']}"
    until(lambda: answers(url), "the web node answers", within_s=60)
    token = {"Authorization": f"Bearer {made_token(environment['DATABASE_URL'])}"}

    request = {"workload": "random-sum", "items": 20, "parameters": {"numbers": 10}}
    accepted = requests.post(f"{url}/api/v1/jobs", json=request, headers=token, timeout=10)

    job = url + accepted.headers["Location"]
    until(
        lambda: requests.get(job, headers=token, timeout=10).json()["state"] == "succeeded", "the job ends", within_s=60
    )
    for process in (web, worker):
        deploy(process)


def deploy(process: subprocess.Popen[bytes]) -> None:
    """End a node as platforms do, with SIGTERM to all of its processes at once; it must be gone in their 30 s."""
    members = family(process.pid)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(30) == 0
    until(lambda: not any(map(is_alive, members)), "all of its processes are gone")


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False


def made_token(database_url: str) -> str:
    database = Database(database_url.replace("postgres:", "postgresql+psycopg2:"))
    with database.writing() as session:
        return create_token(session, service_account(session).id, "test")
