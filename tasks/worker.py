"""A worker node: `celery --app tasks.worker worker`.

Celery starts processes, hands messages to them and stops them; all the rest is in the database.  The main process
only tells its steward what happens to the node; the worker processes work.
"""

import gc
import logging
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from multiprocessing.util import Finalize
from typing import Any

from billiard import current_process
from celery import signals
from celery.worker import state as celery_state
from sqlalchemy.exc import SQLAlchemyError

from dynometer.workloads import all_workloads
from settings import settings_of_this_process
from store import chunks, nodes
from store.database import Database
from store.values import Slot
from tasks import steward
from tasks.celery_app import MEASURE, TASK, make_celery
from tasks.doorbell import MESSAGE_VERSION, Doorbell
from tasks.finish import finish_if_done
from tasks.held import nothing_held_after
from tasks.housekeeping import recover
from tasks.node_facts import facts_of, living_twin
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


@celery_app.task(name=MEASURE, ignore_result=True, acks_late=False)
def measure_sweep(message_version: int, sweep_id: int) -> None:
    """Measure a sweep that waits.  Acknowledged at once: it may take longer than a broker waits, and has a lease."""
    from tasks.sweep_run import measure  # here: most processes never measure, and need not hold the instrument

    worker = this_worker()
    if message_version != MESSAGE_VERSION or Process.is_stopping:
        worker.doorbell.ring_for_sweep(sweep_id)
        return
    measure(worker)


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
            Node.id = nodes.join(session, facts_of(settings.node_name))
            for chunk in chunks.running_on(session, Node.id):  # of an earlier life, which may have had our process ids
                recover(session, chunk)
    except SQLAlchemyError as error:  # Celery would log it and go on: a node that can do nothing
        raise SystemExit(f"This worker node cannot join: {error}") from error
    database.engine.dispose()
    start_steward()


def start_steward() -> None:
    """Start the process that speaks for this node."""
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ear, Node.mouth = context.Pipe(duplex=False)
    told = settings, Node.id, facts_of(settings.node_name), ear, Node.mouth
    Node.steward = context.Process(target=steward.run, args=told, daemon=True)
    Node.steward.start()
    ear.close()
    Finalize(None, tell, args=(steward.GOODBYE,), exitpriority=0)  # at the exit, before multiprocessing waits for it


def tell(what: bytes) -> None:
    """Say it to the steward."""
    with suppress(OSError):
        Node.mouth.send_bytes(what)


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
