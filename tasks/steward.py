"""A worker node's steward: a process beside Celery's own that speaks for the node.

It beats, keeps the leases of the node's living processes, gives the chunks of dead ones back, and takes its turn at
housekeeping.  A process of its own, because Celery's main process stands still while the broker is away, and a
thread in it would be there when it forks.
"""

import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep

import psutil
from sqlalchemy.exc import SQLAlchemyError

from settings import Settings
from store import chunks, nodes
from store.database import Database
from store.models import NodeState
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.housekeeping import keep_house, recover

LOOK_S = 1.0
log = logging.getLogger(__name__)


@dataclass
class Steward:
    """Speaks for the node `node_id`, whose main process is `parent_pid`."""

    settings: Settings
    database: Database
    doorbell: Doorbell
    node_id: int
    parent_pid: int

    def serve(self) -> None:
        """Until the main process is gone."""
        next_beat = 0.0
        while os.getppid() == self.parent_pid:
            try:
                self.free_dead()
                if monotonic() >= next_beat:
                    next_beat = monotonic() + self.settings.heartbeat_s
                    self.beat()
                    keep_house(self.database, self.doorbell, self.settings, self.settings.node_name)
            except SQLAlchemyError as error:
                log.warning("The database is away (%s); trying again.", type(error).__name__)
            sleep(LOOK_S)
        self.mourn()

    def beat(self) -> None:
        """The node lives, and so do the leases of its living processes."""
        alive = living(self.parent_pid)
        with self.database.writing() as session:
            held = chunks.running_on(session, self.node_id)
            nodes.beat(session, self.node_id, NodeState.BUSY if held else NodeState.IDLE)
            if held:
                chunks.extend_leases(session, self.node_id, alive, self.settings.lease_s)

    def free_dead(self) -> None:
        """Chunks whose process is gone need not wait for their lease to end."""
        with self.database.reading() as session:
            held = chunks.running_on(session, self.node_id)
        if not held:
            return
        alive = living(self.parent_pid, stopped_too=True)
        orphans = [chunk for chunk in held if chunk.slot_pid not in alive]
        if not orphans:
            return
        with self.database.writing() as session:
            for chunk in orphans:
                recover(session, chunk)
        for job_id in {chunk.job_id for chunk in orphans}:
            advance(self.database, self.doorbell, job_id)

    def mourn(self) -> None:
        """The main process is gone, and its children with it: say so before ending too.

        A node that left in order has said so itself and holds nothing any more.
        """
        sleep(0.5)  # the kernel is still ending the children
        with self.database.writing() as session:
            left = nodes.node_of(session, self.node_id)
            if left is None or left.pid != self.parent_pid or not left.state.is_alive:
                return
            nodes.set_state(session, self.node_id, NodeState.LOST)
        self.free_dead()


def living(parent_pid: int, *, stopped_too: bool = False) -> Sequence[int]:
    """Process ids of the node's worker processes that run; a stopped one can't prolong its lease."""
    dead = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD} | (set() if stopped_too else {psutil.STATUS_STOPPED})
    try:
        children = psutil.Process(parent_pid).children()
    except psutil.NoSuchProcess:
        return []
    return [child.pid for child in children if _status(child) not in dead]


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD


def run(settings: Settings, node_id: int, parent_pid: int) -> None:
    """The steward's whole life, in its own process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it goes when the main process has gone, not before
    Steward(settings, Database(settings.database_url), Doorbell(settings), node_id, parent_pid).serve()
