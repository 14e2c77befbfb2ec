"""A worker node: `celery --app tasks.worker worker`.

Celery starts processes, hands messages to them and stops them; all the rest is in the database.  The main process
only tells its steward what happens to the node; the worker processes work.
"""

import gc
import logging
import multiprocessing
import os
import platform
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from multiprocessing.util import Finalize
from time import sleep
from typing import Any

import psutil
from billiard import current_process
from celery import signals
from celery.worker import state as celery_state
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dynometer.workloads import all_workloads
from settings import settings_of_this_process
from store import cancellation, chunks, nodes
from store.database import Database
from store.models import Chunk
from store.models import Node as NodeRow
from store.values import Slot
from tasks import steward
from tasks.celery_app import TASK, make_celery
from tasks.doorbell import MESSAGE_VERSION, Doorbell
from tasks.finish import finish_if_done
from tasks.housekeeping import recover
from tasks.persistence import is_away
from tasks.private_memory import keep_memory_private
from tasks.rehearsal import rehearse
from tasks.shift import Worker, work

STEWARD_S = 2.0  # how often the main process looks after its steward
log = logging.getLogger(__name__)
settings = settings_of_this_process()
celery_app = make_celery(settings)


class Node:
    """This worker node, in its main process."""

    id = 0
    pool: Any = None
    steward: Any = None
    mouth: Any = None  # what is said here, the steward hears
    is_open = False
    is_draining = False


class Process:
    """This worker process, after the fork."""

    worker: Worker | None = None
    database: Database | None = None  # this and the next: made before the fork, never connected there
    doorbell: Doorbell | None = None
    is_stopping = False


@celery_app.task(name=TASK, ignore_result=True)
def work_shift(message_version: int, job_id: int) -> None:
    """Work a shift.  The message only wakes: which chunk is next, the database says."""
    if message_version != MESSAGE_VERSION:
        log.error("Message version %s for job %s; this node knows %s.", message_version, job_id, MESSAGE_VERSION)
        return
    worker = this_worker()
    if Process.is_stopping:
        worker.doorbell.ring(job_id)  # for another node
        return
    with nothing_held_after(worker):
        work(worker)
        finish_if_done(worker.database, job_id, settings.item_time_limit_s)  # it may lack only its verdict


def this_worker() -> Worker:
    """What this process works with; made once, at the first message.  Raises when the database is away."""
    if Process.worker is None:
        database = Process.database or worker_database()
        slot = Slot(Node.id or node_id(database), getattr(current_process(), "index", 0), os.getpid())
        doorbell = Process.doorbell or Doorbell(settings)
        Process.worker = Worker(settings, database, doorbell, slot, lambda: Process.is_stopping)
    return Process.worker


def worker_database() -> Database:
    """Without pings: a connection that was cut is found out by using it, and what a process does it may do again."""
    return Database(settings.database_url, pool_size=1, overflow=1, pings=False)


def node_id(database: Database) -> int:
    """The id of this node, for a process that was not forked and so does not know it."""
    with database.reading() as session:
        node = nodes.node_named(session, settings.node_name)
    assert node is not None, "the main process joined before it started this one"
    return node.id


@contextmanager
def nothing_held_after(worker: Worker) -> Iterator[None]:
    """A chunk that is held and not computed would stay so for ever: its process lives, so its lease is prolonged.

    It comes about by an error of ours or of a workload's own code, which costs the chunk an attempt, or by a claim
    whose commit came through while its answer was lost.
    """
    try:
        yield
    except Exception as error:
        put_back(worker, chunks.give_back if is_away(error) else recover)
        raise
    else:
        put_back(worker, chunks.give_back)


def put_back(worker: Worker, how: Callable[[Session, Chunk], Any]) -> None:
    """Put back what this process holds; it has nothing better to do than to wait for the database."""
    slot = worker.slot
    while True:
        try:
            with worker.database.reading() as session:
                held, cancelled = (
                    [chunk for chunk in of_node(session, slot.node_id) if chunk.slot_pid == slot.pid]
                    for of_node in (chunks.running_on, cancellation.cancelled_on)
                )
            if held or cancelled:
                with worker.database.writing() as session:
                    for chunk in held:
                        how(session, chunk)
                    for chunk in cancelled:
                        cancellation.forget_cancelled(session, chunk)
            if held:
                worker.doorbell.ring(held[0].job_id)
            return
        except SQLAlchemyError as error:
            log.warning("The database is away (%s); what is held goes back later.", type(error).__name__)
            if Process.is_stopping:
                return  # the steward does it
            sleep(1.0)


@signals.celeryd_init.connect
def join(sender: str, instance: Any, conf: Any, **kw: Any) -> None:
    """Enter the fleet and start the steward, while there are no threads and no connections to inherit."""
    keep_memory_private()  # of the processes forked from here too
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # a worker process that is not set up yet must not die of it
    database = Database(settings.database_url)
    try:
        with database.writing() as session:
            if twin := living_twin(nodes.node_named(session, settings.node_name)):
                raise SystemExit(
                    f"A worker node {settings.node_name} runs here already (process {twin}): "
                    "give this one another DYNOMETER_NODE_NAME."
                )
            Node.id = nodes.join(session, facts())
            for chunk in chunks.running_on(session, Node.id):  # of an earlier life, which may have had our process ids
                recover(session, chunk)
    except SQLAlchemyError as error:  # Celery would log it and go on: a node that can do nothing
        raise SystemExit(f"This worker node cannot join: {error}") from error
    database.engine.dispose()
    start_steward()


def living_twin(known: NodeRow | None) -> int | None:
    """The process id of a worker node that runs on this host under the same name."""
    if known is None or not known.state.is_alive or known.host != socket.gethostname() or known.pid == os.getpid():
        return None
    with suppress(psutil.Error):
        process = psutil.Process(known.pid)
        if process.status() != psutil.STATUS_ZOMBIE and __name__ in " ".join(process.cmdline()):
            return known.pid
    return None


def start_steward() -> None:
    """Start the process that speaks for this node."""
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ear, Node.mouth = context.Pipe(duplex=False)
    Node.steward = context.Process(target=steward.run, args=(settings, Node.id, facts(), ear, Node.mouth), daemon=True)
    Node.steward.start()
    ear.close()
    Finalize(None, tell, args=(steward.GOODBYE,), exitpriority=0)  # at the exit, before multiprocessing waits for it


def tell(what: bytes) -> None:
    """Say it to the steward."""
    with suppress(OSError):
        Node.mouth.send_bytes(what)


def facts() -> nodes.NodeFacts:
    """What this node says of itself; how many processes it has, it says when they stand."""
    return nodes.NodeFacts(
        name=settings.node_name, role="worker", host=socket.gethostname(), pid=os.getpid(), slots=0,
        cpus_usable=float(usable_cpus()),
        memory_bytes=psutil.virtual_memory().total,
        versions={"python": platform.python_version(), "celery": version("celery")}, workloads=tuple(all_workloads()),
    )  # fmt: skip


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@signals.worker_before_create_process.connect
def freeze(**kw: Any) -> None:
    """Load what every process needs, and move it out of the collector's sight.

    What is loaded before the fork is shared; the collector's marks would copy its pages in each process.
    """
    if Process.database is None:
        Process.database = worker_database()
        all_workloads()
        Process.doorbell = Doorbell(settings)
        rehearse(Process.database, settings, Node.id)
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def begin_process(**kw: Any) -> None:
    """Set a worker process up; it connects at its first message, so that an idle one stays small."""
    signal.signal(signal.SIGUSR2, _stop)
    signal.signal(steward.DROP, _drop)
    if Process.database is not None:
        Process.database.after_fork()


def _stop(signum: int, frame: Any) -> None:
    Process.is_stopping = True


def _drop(signum: int, frame: Any) -> None:
    if Process.worker is not None:
        Process.worker.drops_chunk = True


@signals.worker_ready.connect
def open_for_work(sender: Any, **kw: Any) -> None:
    """The pool stands, and the broker answers, for the first time or again: take part."""
    Node.pool = sender.pool
    tell(b"%s %d" % (steward.READY, sender.pool.num_processes))
    if not Node.is_open:
        Node.is_open = True
        signal.signal(signal.SIGTERM, leave)
        sender.timer.call_repeatedly(STEWARD_S, miss_steward)


def miss_steward() -> None:
    """Without its steward the node would seem lost while it works: it leaves, and its supervisor starts another."""
    if not Node.steward.is_alive() and not Node.is_draining:
        log.error("The steward of this node is gone; the node leaves.")
        drain()
        celery_state.should_stop = 1


def leave(signum: int, frame: Any) -> None:
    """Drain, then end as soon as no process has an item at hand.

    Instead of Celery's own handler: remapped to SIGQUIT it sleeps through the grace time and then kills, else it waits
    for ever.
    """
    drain()
    celery_state.should_stop = 0


@signals.worker_shutting_down.connect
def drain(**kw: Any) -> None:
    """Claim nothing any more; give back what is not begun, and after the grace time what is not done."""
    if Node.is_draining:
        return
    Node.is_draining = True
    tell(steward.DRAIN)
    for process in list(Node.pool._pool._pool) if Node.pool else ():
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGUSR2)
