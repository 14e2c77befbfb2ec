"""A worker node: `celery --app tasks.worker worker`.

Celery starts processes, hands messages to them and stops them; all the rest is in the database.  The signals here
tell the database what happens to the node.
"""

import gc
import logging
import multiprocessing
import os
import platform
import signal
import socket
import sys
from importlib.metadata import version
from typing import Any

import psutil
from billiard import current_process
from celery import signals
from sqlalchemy.exc import SQLAlchemyError

from settings import Settings
from store import chunks, nodes
from store.chunks import Slot
from store.database import Database
from store.models import NodeState
from tasks import steward
from tasks.celery_app import TASK, make_celery
from tasks.doorbell import MESSAGE_VERSION, Doorbell
from tasks.shift import Worker, work

log = logging.getLogger(__name__)
settings = Settings.from_env()
celery_app = make_celery(settings)


class Node:
    """This worker node, in its main process."""

    id = 0
    pool: Any = None


class Process:
    """This worker process, after the fork."""

    worker: Worker | None = None
    is_stopping = False


@celery_app.task(name=TASK, ignore_result=True)
def work_shift(message_version: int, job_id: int) -> None:
    """Work a shift.  The message only wakes: which chunk is next, the database says."""
    if message_version != MESSAGE_VERSION:
        log.error("Message version %s for job %s; this node knows %s.", message_version, job_id, MESSAGE_VERSION)
        return
    if Process.worker is not None:
        work(Process.worker)


@signals.celeryd_init.connect
def join(sender: str, instance: Any, conf: Any, **kw: Any) -> None:
    """Enter the fleet and start the steward, while there are no threads and no connections to inherit."""
    # `concurrency` is not decided yet; the main process repeats the count when the pool stands
    database = Database(settings.database_url)
    try:
        with database.writing() as session:
            Node.id = nodes.join(session, facts(slots=1))
    except SQLAlchemyError as error:  # Celery would log it and go on: a node that can do nothing
        raise SystemExit(f"This worker node cannot join: {error}") from error
    database.engine.dispose()
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    context.Process(target=steward.run, args=(settings, Node.id, os.getpid()), daemon=True).start()


def facts(slots: int) -> nodes.NodeFacts:
    """What this node says of itself."""
    return nodes.NodeFacts(
        name=settings.node_name, role="worker", host=socket.gethostname(), pid=os.getpid(), slots=slots,
        cpus_usable=float(usable_cpus()),
        memory_bytes=psutil.virtual_memory().total,
        versions={"python": platform.python_version(), "celery": version("celery")},
    )  # fmt: skip


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@signals.worker_before_create_process.connect
def freeze(**kw: Any) -> None:
    """Move all that lives out of the collector's sight: else its marks would copy the shared pages in each child."""
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def begin_process(**kw: Any) -> None:
    """Set a worker process up: its own connection, its place on the node."""
    signal.signal(signal.SIGUSR2, _stop)
    database = Database(settings.database_url, pool_size=1, overflow=1)
    with database.reading() as session:
        node = nodes.node_named(session, settings.node_name)
    assert node is not None, "the main process joined before it forked"
    slot = Slot(node.id, getattr(current_process(), "index", 0), os.getpid())
    Process.worker = Worker(settings, database, Doorbell(settings), slot, lambda: Process.is_stopping)


def _stop(signum: int, frame: Any) -> None:
    Process.is_stopping = True


@signals.worker_ready.connect
def open_for_work(sender: Any, **kw: Any) -> None:
    """The pool stands: take part, and wake it for work that waits already."""
    Node.pool = sender.pool
    slots = sender.pool.num_processes
    with Database(settings.database_url).writing() as session:
        nodes.join(session, facts(slots))
        nodes.set_state(session, Node.id, NodeState.IDLE)
        waiting = chunks.fairest_jobs(session, limit=1)
    if waiting:
        Doorbell(settings, celery_app).ring(waiting[0], slots)


@signals.worker_shutting_down.connect
def drain(**kw: Any) -> None:
    """Claim nothing any more; give back what is not done at the next item."""
    try:
        with Database(settings.database_url).writing() as session:
            nodes.set_state(session, Node.id, NodeState.DRAINING)
    except Exception:  # the database is away: the leases will end
        log.exception("The node leaves, and the database does not hear it.")
    for pid in steward.living(os.getpid()):
        os.kill(pid, signal.SIGUSR2)


@signals.worker_shutdown.connect
def leave(**kw: Any) -> None:
    """Give back what the grace time did not suffice for, with no attempt counted, and go."""
    with Database(settings.database_url).writing() as session:
        for chunk in chunks.running_on(session, Node.id):
            chunks.give_back(session, chunk)
        nodes.set_state(session, Node.id, NodeState.LEFT)
