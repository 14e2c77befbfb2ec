"""Measuring a sweep on this node: what one message sets off.

The instrument runs in a process group of its own (`tasks.instrument`); every event is committed the moment it is said.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from time import monotonic, sleep
from typing import Any

from sqlalchemy.orm import Session

from dynometer.measure.events import Event
from dynometer.measure.machine import Environment, environment
from dynometer.measure.machine import differences as machine_differences
from dynometer.measure.stream import Told
from dynometer.workloads import all_workloads
from store import nodes, sweeps
from store.sweep_models import Phase, Sweep, SweepState
from store.sweeps import Held
from tasks.instrument import Instrument, Vanished
from tasks.persistence import persistently
from tasks.shift import Worker
from tasks.solitude import Solitude
from tasks.sweep_care import lose, ring_for_jobs
from tasks.sweep_end import conclude
from tasks.sweep_result import as_text, environment_of, event_of, fingerprint_of, plan_of
from tasks.turns import give_turn

HOLD_LOOK_S = 0.4  # a cancelled sweep's processes end within a second
DOOR_LOOK_S = 0.05
log = logging.getLogger(__name__)


class Gone(Exception):
    """The sweep is no longer this process's: cancelled, or given to another."""


class Leaving(Exception):
    """The node is asked to leave."""


def measure(worker: Worker) -> None:
    """Take a sweep that waits, if there is one for this node, and measure it to its end."""
    taken = persistently(partial(take, worker))
    if taken is None:
        return
    run = Run(worker, *taken)
    try:
        run.follow()
    except Gone:
        log.info("Sweep %s was taken from this process; what measured is ended.", run.held.sweep_id)
    except Leaving:
        persistently(partial(run.hand_on, None))
    except Vanished as error:
        persistently(partial(run.hand_on, str(error)))
    finally:
        run.solitude.close()
        ring_for_jobs(worker.database, worker.doorbell)


def take(worker: Worker) -> tuple[Held, Sweep, list[Event]] | None:
    """The oldest sweep that waits and may be measured here, held by this process from now on."""
    with worker.database.writing() as session:
        name = worker.settings.node_name
        for sweep in sweeps.free_sweeps(session, all_workloads()):
            if not is_for(session, sweep, name):
                continue
            held = sweeps.claim(session, sweep.id, worker.slot, name, worker.settings.lease_s)
            if held:
                session.refresh(sweep)
                return held, sweep, [event_of(row) for row in sweeps.events_of(session, sweep.id, sweep.epoch)]
    return None


def is_for(session: Session, sweep: Sweep, node_name: str) -> bool:
    """One that has curves waits for a machine of that kind, as long as the node that drew them lives."""
    if sweep.fingerprint is None or sweep.node_name == node_name:
        return True
    drawer = nodes.node_named(session, sweep.node_name or "")
    if drawer is None or not drawer.state.is_alive:
        return True
    return sweep.fingerprint == fingerprint_of(facts_here(plan_of(sweep).library_threads))


@cache
def facts_here(library_threads: int) -> Environment:
    """Of this machine; what may change meanwhile is not looked at."""
    return environment(library_threads)


@dataclass
class Run:
    """One process's hold of one sweep."""

    worker: Worker
    held: Held
    sweep: Sweep
    earlier: list[Event]
    solitude: Solitude = field(init=False)
    number: int = field(init=False)  # of the last event kept
    looked_at: float = field(default_factory=monotonic)
    alone_since: float | None = None

    def __post_init__(self) -> None:
        self.solitude = Solitude(self.worker.settings)
        self.number = self.sweep.events

    def follow(self) -> None:
        """Until the instrument has said its last word.  Raises Gone, Leaving, Vanished."""
        plan = plan_of(self.sweep)
        if self.sweep.fingerprint and self.sweep.fingerprint != fingerprint_of(facts_here(plan.library_threads)):
            self.begin_again(facts_here(plan.library_threads))
        elif self.earlier:
            self.remark(f"{self.worker.settings.node_name} goes on from the last kept window.")
        answers: dict[str, Callable[[Told, Instrument], None]] = {
            "machine": self.meet, "phase": self.enter, "ask": self.come_alone, "leave": self.leave,
        }  # fmt: skip
        with Instrument(plan, self.earlier, self.sweep.spent_s) as instrument:
            for said in instrument.listen(self.look):
                if said.kind == "end":
                    break
                if said.kind == "failed":
                    self.finish(said.reason)
                    return
                answers.get(said.kind, self.keep)(said, instrument)
        self.leave_node()
        self.finish(None)

    def look(self) -> None:
        """Whether to go on; asks the database now and then.  Raises Gone, Leaving."""
        if self.worker.is_stopping():
            raise Leaving
        if monotonic() - self.looked_at < HOLD_LOOK_S:
            return
        self.looked_at = monotonic()
        if not persistently(partial(self._in_reading, sweeps.is_held)):
            raise Gone

    def meet(self, said: Told, instrument: Instrument) -> None:
        """The machine's facts, of a sweep that has none yet."""
        if self.sweep.environment is None and said.environment:
            self.change(environment=as_text(said.environment), fingerprint=fingerprint_of(said.environment),
                        offers=as_text(list(said.offers)))  # fmt: skip

    def enter(self, said: Told, instrument: Instrument) -> None:
        self.change(phase=Phase(said.phase))

    def come_alone(self, said: Told, instrument: Instrument) -> None:
        """Have the node for ourselves: chunks at hand end first, and nobody begins another."""
        while not self.solitude.take_alone():
            self.look()
            sleep(DOOR_LOOK_S)
        self.alone_since = monotonic()
        instrument.go()

    def leave(self, said: Told, instrument: Instrument) -> None:
        """Others have a turn, as long as ours was, when they wait for one."""
        took_s = monotonic() - (self.alone_since or monotonic())
        self.leave_node()
        give_turn(self.worker, took_s, self.look)

    def leave_node(self) -> None:
        self.solitude.leave()
        self.alone_since = None

    def keep(self, said: Told, instrument: Instrument) -> None:
        """Commit an event.  Raises Gone."""
        event = said.event
        assert event is not None, "every other kind has an answer of its own"
        counts = int(said.kind == "trial" and getattr(event, "is_accepted", False))
        kept = partial(sweeps.record, number=self.number + 1, kind=said.kind, body=as_text(event),
                       spent_s=said.spent_s or 0.0, windows=counts)  # fmt: skip
        if not persistently(partial(self._in_writing, kept)):
            raise Gone
        self.number += 1

    def begin_again(self, facts: Environment) -> None:
        """On a machine of another kind: numbers of the two must not meet in one curve."""
        before = environment_of(self.sweep)
        unlike = ", ".join(machine_differences(before, facts)) if before else ""
        said = f"{self.worker.settings.node_name} is another kind of machine ({unlike})"
        self.remark(f"{said}, so the curves begin again; what was measured before counts no more.")
        again = partial(sweeps.begin_again, environment=as_text(facts), fingerprint=fingerprint_of(facts))
        if not persistently(partial(self._in_writing, again)):
            raise Gone
        self.earlier, self.sweep.spent_s = [], 0.0

    def finish(self, reason: str | None) -> None:
        """Its verdict, or its cluster points first."""
        if reason is None and self.sweep.cluster_workers:
            self.change(phase=Phase.FLEET, node_id=None, slot_pid=None, lease_until=None)
            return
        persistently(partial(conclude, self.worker.database, self.held.sweep_id, SweepState.FINISHED, reason))

    def hand_on(self, why: str | None) -> None:
        """Give the sweep to whoever comes next; `why`: what went wrong here, which costs it an attempt."""
        with self.worker.database.writing() as session:
            sweep = sweeps.sweep_of(session, self.held.sweep_id)
            if sweep is None or not sweeps.is_held(session, self.held):
                return
            is_over = lose(session, sweep, why) if why else sweeps.give_back(session, self.held) and False
        if is_over:
            conclude(self.worker.database, self.held.sweep_id, SweepState.FINISHED, why)
        else:
            self.worker.doorbell.ring_for_sweep(self.held.sweep_id)

    def remark(self, sentence: str) -> None:
        with self.worker.database.writing() as session:
            sweeps.remark(session, self.held.sweep_id, sentence)

    def change(self, **values: Any) -> None:
        if not persistently(partial(self._in_writing, partial(sweeps.change, **values))):
            raise Gone

    def _in_writing(self, do: Callable[[Session, Held], bool]) -> bool:
        with self.worker.database.writing() as session:
            return do(session, self.held)

    def _in_reading(self, ask: Callable[[Session, Held], bool]) -> bool:
        with self.worker.database.reading() as session:
            return ask(session, self.held)
