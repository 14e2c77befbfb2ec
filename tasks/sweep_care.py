"""What a steward and the housekeeper do for sweeps: those of dead processes go on, the rest is rung for."""

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from dynometer.workloads import all_workloads
from settings import Settings
from store import fairness, sweeps
from store.database import Database
from store.sweep_models import Sweep, SweepState
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.holders import living

MOST_ATTEMPTS = 5
MOST_RUNG = 3  # jobs
GIVEN_UP = "It was given up after {} attempts; what was measured by then is kept."
log = logging.getLogger(__name__)


def lose(session: Session, sweep: Sweep, why: str) -> bool:
    """Nobody measures the sweep any more: its page says so, and it waits for the next process.

    True when it has had attempts enough, and must be concluded instead.
    """
    log.warning("Sweep %s lost its process on %s. %s", sweep.id, sweep.node_name, why)
    kept = "no window was kept" if not sweep.windows else f"{sweep.windows:,} windows are kept"
    sweeps.put_back(session, sweep.id, sweep.fence)
    sweeps.remark(session, sweep.id, f"{why} It measured on {sweep.node_name}; {kept}.")
    return sweep.attempt >= MOST_ATTEMPTS


def keep_alive(session: Session, node_id: int, parent_pid: int, lease_s: float) -> bool:
    """Prolong the leases of the node's living processes; whether it measures anything."""
    held = sweeps.held_on(session, node_id)
    alive = living(parent_pid, held)
    if alive:
        sweeps.extend_leases(session, node_id, list(alive), lease_s)
    return bool(held)


def free_dead(database: Database, doorbell: Doorbell, node_id: int, parent_pid: int) -> None:
    """Sweeps whose process is gone need not wait for their lease to end."""
    with database.reading() as session:
        held = sweeps.held_on(session, node_id)
    alive = living(parent_pid, held, stopped_too=True)
    dead = [sweep for sweep in held if sweep.slot_pid not in alive]
    free(database, doorbell, dead, "The worker process that measured was killed.")


def free_expired(database: Database, doorbell: Doorbell) -> None:
    """Sweeps whose node was silent for a whole lease."""
    with database.reading() as session:
        expired = sweeps.expired(session)
    free(database, doorbell, expired, "The node that measured was silent for too long, and is taken for lost.")


def free(database: Database, doorbell: Doorbell, dead: Sequence[Sweep], why: str) -> None:
    """Others go on with them, and with the jobs that waited meanwhile."""
    for sweep in dead:
        with database.writing() as session:
            is_over = sweeps.is_held(session, sweeps.Held(sweep.id, sweep.fence)) and lose(session, sweep, why)
        if is_over:
            from tasks.sweep_end import conclude  # here, as below: it loads the instrument's reports

            conclude(database, sweep.id, SweepState.FINISHED, GIVEN_UP.format(sweep.attempt))
        else:
            doorbell.ring_for_sweep(sweep.id)
    if dead:
        ring_for_jobs(database, doorbell)


def ring_for_jobs(database: Database, doorbell: Doorbell) -> Sequence[int]:
    """Wake processes for the jobs that waited while a node was somebody's own; which they are."""
    with database.reading() as session:
        waiting = fairness.fairest_jobs(session, MOST_RUNG, all_workloads())
    for job_id in waiting:
        if not advance(database, doorbell, job_id):
            break
    return waiting


def wake(database: Database, doorbell: Doorbell, after_s: float) -> None:
    """Ring for sweeps that wait and were not rung for in the last `after_s` seconds."""
    with database.reading() as session:
        waiting = sweeps.waiting_ids(session)
    for sweep_id in waiting:
        with database.writing() as session:
            is_our_turn = sweeps.take_turn_to_ring(session, sweep_id, after_s)
        if is_our_turn and not doorbell.ring_for_sweep(sweep_id):
            return


def step_fleet_points(database: Database, doorbell: Doorbell, settings: Settings) -> None:
    """One step for each sweep whose cluster points run as jobs."""
    with database.reading() as session:
        open_ids = sweeps.in_fleet_phase(session)
    for sweep_id in open_ids:
        from tasks.sweep_fleet import step

        step(database, doorbell, settings, sweep_id)

