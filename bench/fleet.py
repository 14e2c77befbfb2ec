"""The project's own engine for benchmarks: PostgreSQL, RabbitMQ and one worker node of two processes, all real."""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settings import Settings, child_environment
from store import nodes, results
from store.database import Database
from store.migrate import upgrade
from store.models import NodeState, User
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.jobs import JobRequest, admit
from tasks.waiting import wait
from tests.services import Postgres, RabbitMQ, until

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Fleet:
    """A running engine and the client's side of it."""

    settings: Settings
    database: Database
    doorbell: Doorbell
    owner_id: int
    worker: "subprocess.Popen[bytes]"

    def run(self, request: JobRequest) -> list[Any]:
        """Hand a job over and return all values in item order, as any map engine does."""
        with self.database.writing() as session:
            job_id = admit(session, self.owner_id, request, self.settings).job.id
        advance(self.database, self.doorbell, job_id)
        job = wait(self.database, job_id)
        if job.failure:
            raise RuntimeError(job.failure)
        return [value for chunk in results.ended_chunks(self.database, job_id) for value in chunk.values]


def start(stack: ExitStack, postgres: Postgres, rabbitmq: RabbitMQ, slots: int = 2) -> Fleet:
    """Start a worker node on fresh tables; `stack` ends it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dyno-bench-")))
    install_spin(folder)
    url = postgres.new_database()
    upgrade(url)
    environment = child_environment(
        DATABASE_URL=url, BROKER_URL=rabbitmq.url, DYNOMETER_DATA_DIR=str(folder), DYNOMETER_NODE_NAME="bench/worker.1",
        PYTHONPATH=f"{folder}:{ROOT}", REMAP_SIGTERM="SIGQUIT",
    )  # fmt: skip
    settings = Settings.from_env(environment)
    database = Database(settings.database_url, pool_size=2, overflow=2)
    with database.writing() as session:
        owner = User(email="bench@localhost", active=True, fs_uniquifier="bench")
        session.add(owner)
        session.flush()
    command = [sys.executable, "-m", "celery", "--app", "tasks.worker", "worker", "--pool", "prefork",
               "--concurrency", str(slots), "--without-mingle", "--without-gossip", "--loglevel", "WARNING"]  # fmt: skip
    log = stack.enter_context((folder / "worker.log").open("wb"))
    worker = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    stack.callback(end, worker)
    until(lambda: is_ready(database), "the worker node takes work", within_s=60)
    return Fleet(settings, database, Doorbell(settings), owner.id, worker)


def is_ready(database: Database) -> bool:
    """Whether the node's pool stands."""
    with database.reading() as session:
        return any(node.state is NodeState.IDLE for node in nodes.alive_nodes(session))


def end(worker: "subprocess.Popen[bytes]") -> None:
    """Stop a worker node in order."""
    worker.terminate()
    try:
        worker.wait(timeout=30)
    except subprocess.TimeoutExpired:
        worker.kill()


def install_spin(folder: Path) -> None:
    """Make the spin workload an installed package, as a user's would be."""
    about = folder / "spin_workload-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: spin-workload\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[dynometer.workloads]\nspin = bench.spin:WORKLOAD\n")
    sys.path.insert(0, str(folder))
