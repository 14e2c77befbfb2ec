"""A worker node's steward: a process beside Celery's own that speaks for the node.

It beats, keeps the leases of the node's living processes, gives the chunks of dead ones back, sees that a leaving node
goes in time, and takes its turn at housekeeping.  A process of its own, because Celery's main process stands still
while the broker is away, and a thread in it would be there when it forks.
"""

import logging
import os
import signal
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from time import monotonic

from sqlalchemy.orm import Session

from dynometer.workloads import all_workloads
from settings import Settings
from store import cancellation, chunks, fairness, nodes
from store.database import Database
from store.models import Chunk, NodeState
from tasks import sweep_care
from tasks.doorbell import Doorbell
from tasks.holders import living, put_back
from tasks.housekeeping import keep_house, recover
from tasks.persistence import is_away

DROP = signal.SIGURG  # to a worker process; without its handler nothing happens
READY, DRAIN, GOODBYE = b"ready", b"drain", b"goodbye"  # what the main process says; "ready" comes with its slots
LOOK_S = 1.0
GRACE_S = 10.0  # for the item at hand when the node is asked to leave; platforms kill 30 s after they ask
LAST_S = 5.0  # for Celery to end after that
log = logging.getLogger(__name__)


@dataclass
class Steward:
    """Speaks for the node `node_id`, whose main process said `facts`."""

    settings: Settings
    database: Database
    doorbell: Doorbell
    node_id: int
    facts: nodes.NodeFacts
    ear: Connection  # the main process speaks here; its end is the end of all processes of the node
    next_beat: float = 0.0
    leaves_at: float | None = None  # the grace of a draining node ends then
    is_pressed: bool = False  # the main process was told that the grace is over
    is_over: bool = False
    is_replaced: bool = False  # another process has joined under the node's name
    is_cut_off: bool = False  # the database was away at the last try
    wakes: bool = False  # work that waits is to be rung for
    deaf_since: float | None = None  # it has been idle while work waited and the broker took our rings
    steady_since: float = field(default_factory=monotonic)  # the database has answered, and its clock run evenly
    clocks_apart: float = 0.0  # the database's clock less ours, at the last beat

    def serve(self) -> None:
        """Until the main process is gone."""
        while not self.is_over:
            self.press()
            if not self.is_replaced:
                self.look()
            self.hear(LOOK_S)
        if not self.is_replaced:
            self.dares(self.part)

    def hear(self, wait_s: float) -> None:
        """Take in what the main process says; its silence for ever is a word too."""
        try:
            word, _, rest = self.ear.recv_bytes().partition(b" ") if self.ear.poll(wait_s) else (b"", b"", b"")
        except (EOFError, OSError):
            self.is_over = True
            return
        if word == READY:
            self.facts = replace(self.facts, slots=int(rest))
            self.next_beat, self.wakes = 0.0, True
        elif word == DRAIN and self.leaves_at is None:
            self.next_beat, self.leaves_at = 0.0, monotonic() + GRACE_S
        elif word == GOODBYE:
            self.leaves_at = self.leaves_at or monotonic()
            self.is_over = True
        if os.getppid() != self.facts.pid:
            self.is_over = True

    def look(self) -> None:
        """One look at the node; a beat and a turn at housekeeping when it is time."""
        duties = [self.free_dead, self.end_cancelled, self.care_for_sweeps]
        if monotonic() >= self.next_beat:
            self.next_beat = monotonic() + self.settings.heartbeat_s
            duties += [self.beat, self.wake, self.listen_in, self.keep_house]
        was_cut_off = self.is_cut_off
        for duty in duties:
            if not self.dares(duty):
                self.next_beat = 0.0
                return
        if was_cut_off:
            log.warning("The database is back.")

    def dares(self, duty: Callable[[], None]) -> bool:
        """Do it; False when the database is away.  Other errors are logged: a steward that ended would end the node."""
        try:
            duty()
        except Exception as error:
            if not is_away(error):
                log.exception("The steward could not %s.", duty.__name__.replace("_", " "))
                return True
            if not self.is_cut_off:
                log.warning("The database is away (%s); the steward tries again each second.", type(error).__name__)
            self.is_cut_off, self.steady_since = True, monotonic()
            return False
        self.is_cut_off = False
        return True

    def beat(self) -> None:
        """The node lives, and so do the leases of its living processes."""
        with self.database.writing() as session:
            self.compare_clocks(session)
            held = chunks.running_on(session, self.node_id)
            measures = sweep_care.keep_alive(session, self.node_id, self.facts.pid, self.settings.lease_s)
            state = self.state(is_busy=measures or bool(held))
            self.is_replaced = not nodes.beat(session, self.node_id, self.facts, state)
            alive = living(self.facts.pid, held)
            if alive and not self.is_replaced:
                chunks.extend_leases(session, self.node_id, list(alive), self.settings.lease_s)
        if self.is_replaced:
            log.error("Another worker node goes by the name %s now; this one leaves.", self.facts.name)
            os.kill(self.facts.pid, signal.SIGTERM)

    def listen_in(self) -> None:
        """Have the main process replaced when it hears no ring any more; broker libraries have had such bugs."""
        waiting = self.work_passed_by()
        if not waiting:
            self.deaf_since = None
        elif self.deaf_since is None or not self.doorbell.ring(waiting[0]):
            self.deaf_since = monotonic()  # while the broker is away there is nothing to hear
        elif monotonic() > self.deaf_since + self.settings.deaf_after_s:
            log.error("Work waits, the broker rings, and node %s does not hear it; it leaves.", self.facts.name)
            os.kill(self.facts.pid, signal.SIGTERM)
            self.deaf_since = None

    def work_passed_by(self) -> Sequence[int]:
        """A job that waits for a process while none of this node's has anything to do."""
        if not self.facts.slots or self.leaves_at is not None:
            return ()
        with self.database.reading() as session:
            if chunks.running_on(session, self.node_id) or cancellation.cancelled_on(session, self.node_id):
                return ()
            return fairness.fairest_jobs(session, 1, all_workloads())

    def keep_house(self) -> None:
        """Take a turn at what one node does for all."""
        if self.leaves_at is None and not self.is_replaced:
            is_steady = monotonic() > self.steady_since + self.settings.lease_s
            keep_house(self.database, self.doorbell, self.settings, recovers=is_steady)

    def compare_clocks(self, session: Session) -> None:
        """Notice that the machine slept or the database's clock was set: leases ended that nobody could prolong."""
        apart = nodes.clock_s(session) - monotonic()
        if abs(apart - self.clocks_apart) > self.settings.lease_s / 4:
            self.steady_since = monotonic()
        self.clocks_apart = apart

    def state(self, *, is_busy: bool) -> NodeState:
        """What the node does now."""
        if self.leaves_at is not None:
            return NodeState.DRAINING
        if not self.facts.slots:
            return NodeState.JOINED
        return NodeState.BUSY if is_busy else NodeState.IDLE

    def wake(self) -> None:
        """Call this node's processes to the work that waits already, once they stand."""
        if not self.wakes:
            return
        with self.database.reading() as session:
            waiting = fairness.fairest_jobs(session, 1, all_workloads())
        if waiting:
            self.doorbell.ring(waiting[0], self.facts.slots)
        sweep_care.wake(self.database, self.doorbell, 0.0)
        self.wakes = False

    def free_dead(self) -> None:
        """Chunks whose process is gone need not wait for their lease to end."""
        with self.database.reading() as session:
            held = chunks.running_on(session, self.node_id)
        if held:
            self.free(held, living(self.facts.pid, held, stopped_too=True))

    def end_cancelled(self) -> None:
        """Have processes that compute what was cancelled meanwhile stop after the item at hand."""
        with self.database.reading() as session:
            cancelled = cancellation.cancelled_on(session, self.node_id)
        alive = living(self.facts.pid, cancelled, stopped_too=True)
        for chunk in cancelled:
            if chunk.slot_pid in alive:
                with suppress(ProcessLookupError):
                    os.kill(chunk.slot_pid, DROP)
        if gone := [chunk for chunk in cancelled if chunk.slot_pid not in alive]:
            with self.database.writing() as session:
                for chunk in gone:
                    cancellation.forget_cancelled(session, chunk)

    def free(self, held: Collection[Chunk], alive: Collection[int]) -> None:
        """Put those of the `held` chunks back whose process is not `alive`; a leaving node's cost no attempt."""
        if orphans := [chunk for chunk in held if chunk.slot_pid not in alive]:
            how = recover if self.leaves_at is None else chunks.give_back
            put_back(self.database, self.doorbell, self.node_id, self.facts, orphans, how)

    def care_for_sweeps(self) -> None:
        """Those whose process is gone go on elsewhere; cluster points take a step."""
        sweep_care.free_dead(self.database, self.doorbell, self.node_id, self.facts.pid)
        if self.leaves_at is None:
            sweep_care.step_fleet_points(self.database, self.doorbell, self.settings)

    def press(self) -> None:
        """End the main process when the grace is over and it still runs: politely, then without asking."""
        if self.leaves_at is None or monotonic() < self.leaves_at:
            return
        with suppress(ProcessLookupError):
            if not self.is_pressed:
                self.is_pressed = True
                os.kill(self.facts.pid, signal.SIGQUIT)
            elif monotonic() > self.leaves_at + LAST_S:
                os.kill(self.facts.pid, signal.SIGKILL)

    def part(self) -> None:
        """The node's processes are gone: say so, and give back what they held."""
        with self.database.writing() as session:
            held = chunks.running_on(session, self.node_id)
            state = NodeState.LOST if self.leaves_at is None else NodeState.LEFT
            if not nodes.depart(session, self.node_id, self.facts, state):
                return
        self.free(held, alive=())
        sweep_care.free_dead(self.database, self.doorbell, self.node_id, self.facts.pid)


def run(settings: Settings, node_id: int, facts: nodes.NodeFacts, ear: Connection, mouth: Connection) -> None:
    """The steward's whole life, in its own process."""
    mouth.close()  # the main process's end: while we held it too, we would not hear it close
    # it goes when the main process has gone, not before
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    database = Database(settings.database_url, pool_size=1)
    held = database.hold_open()
    Steward(settings, database, Doorbell(settings), node_id, facts, ear).serve()
    del held
