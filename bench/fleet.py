"""The project's own engine for benchmarks: PostgreSQL, RabbitMQ and one worker node, all real."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from bench.floor import WORKERS
from bench.load import tree
from fleet.parent_death import dies_with_parent
from fleet.plan import WORKER_NICENESS
from settings import Settings, child_environment
from store import nodes, results
from store.account_models import User
from store.database import Database
from store.migrate import upgrade
from store.models import Chunk, Job, NodeState
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.jobs import JobRequest, admit
from tasks.waiting import wait
from tests.services import Postgres, RabbitMQ, until

ROOT = Path(__file__).resolve().parent.parent
NODE = "bench/worker.1"


@dataclass
class Fleet:
    """A running engine and the client's side of it."""

    environment: dict[str, str]
    settings: Settings
    database: Database
    doorbell: Doorbell
    owner_id: int
    folder: Path
    worker: "subprocess.Popen[bytes] | None" = None

    def run(self, request: JobRequest) -> list[Any]:
        """Hand a job over and return all values in item order, as any map engine does."""
        job_id = self.begin(request)
        self.finished(job_id)
        return [value for chunk in results.ended_chunks(self.database, job_id) for value in chunk.values]

    def begin(self, request: JobRequest, owner_id: int | None = None) -> int:
        """Hand a job over; its id."""
        with self.database.writing() as session:
            job_id = admit(session, owner_id or self.owner_id, request, self.settings).job.id
        advance(self.database, self.doorbell, job_id)
        return job_id

    def finished(self, job_id: int) -> Job:
        """The job when it has succeeded."""
        job = wait(self.database, job_id)
        if job.failure:
            raise RuntimeError(job.failure)
        return job

    def start_worker(self, slots: int = WORKERS) -> None:
        """Start the worker node as the Procfile does, and return when it takes work."""
        command = [sys.executable, "-m", "celery", "--app", "tasks.worker", "worker", "--pool", "prefork",
                   "--concurrency", str(slots), "--hostname", f"{NODE}@%h", "--without-mingle", "--without-gossip",
                   "--loglevel", "WARNING"]  # fmt: skip
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=as_under_up(),
            )  # fmt: skip
        until(self.is_ready, "the worker node takes work", within_s=60)

    def end_worker(self) -> None:
        """Stop the worker node in order."""
        if self.worker is not None:
            self.worker.terminate()
            try:
                self.worker.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker = None

    def is_ready(self) -> bool:
        """Whether the node's pool stands.  Raises RuntimeError with the node's last words when it has ended."""
        assert self.worker is not None
        if self.worker.poll() is not None:
            raise RuntimeError((self.folder / "worker.log").read_text(errors="replace")[-2000:])
        with self.database.reading() as session:
            node = nodes.node_named(session, NODE)
        return node is not None and node.pid == self.worker.pid and node.state in (NodeState.IDLE, NodeState.BUSY)

    def worker_tree(self) -> list[psutil.Process]:
        """All processes of the worker node."""
        assert self.worker is not None
        return tree(psutil.Process(self.worker.pid))

    def slot_pids(self, job_id: int) -> set[int]:
        """The processes that computed something of a job."""
        with self.database.reading() as session:
            return set(session.scalars(select(Chunk.slot_pid).where(Chunk.job_id == job_id)))


def start(stack: ExitStack, postgres: Postgres, rabbitmq: RabbitMQ) -> Fleet:
    """A fleet on fresh tables, its worker node started; `stack` ends it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dyno-bench-")))
    install_spin(folder)
    url = postgres.new_database()
    upgrade(url)
    environment = child_environment(
        DATABASE_URL=url, BROKER_URL=rabbitmq.url, DYNOMETER_DATA_DIR=str(folder), DYNOMETER_NODE_NAME=NODE,
        PYTHONPATH=f"{folder}:{ROOT}", REMAP_SIGTERM="SIGQUIT",
    )  # fmt: skip
    settings = Settings.from_env(environment)
    database = Database(settings.database_url, pool_size=2, overflow=2)
    fleet = Fleet(environment, settings, database, Doorbell(settings), new_owner(database, "bench"), folder)
    stack.callback(fleet.end_worker)
    fleet.start_worker()
    return fleet


def as_under_up() -> Callable[[], None]:
    """What `./dyno up` does to a worker node before it runs: whoever serves goes before whoever computes."""
    binds = dies_with_parent(signal.SIGTERM)

    def in_the_child() -> None:
        binds()
        os.nice(WORKER_NICENESS)

    return in_the_child


def new_owner(database: Database, name: str) -> int:
    """The id of a new account."""
    with database.writing() as session:
        owner = User(email=f"{name}@localhost", active=True, fs_uniquifier=name)
        session.add(owner)
        session.flush()
        return owner.id


def install_spin(folder: Path) -> None:
    """Make the spin workload an installed package, as a user's would be."""
    about = folder / "spin_workload-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: spin-workload\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[dynometer.workloads]\nspin = bench.spin:WORKLOAD\n")
    sys.path.insert(0, str(folder))
