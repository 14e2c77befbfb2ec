"""Waking a worker process to measure."""

from store import sweeps
from store.database import Database
from tasks.doorbell import Doorbell


def ring_for(database: Database, doorbell: Doorbell, sweep_id: int) -> bool:
    """Ring when the sweep waits for a process; False when the broker is away: the housekeeper rings again then."""
    with database.reading() as session:
        is_waiting = sweeps.is_waiting(session, sweep_id)
    return not is_waiting or doorbell.ring_for_sweep(sweep_id)
