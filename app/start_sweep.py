"""From a request to a sweep that worker nodes know of."""

from sqlalchemy.orm import Session

from app.audit import note
from app.current import database, doorbell, settings
from app.logs import log
from store.sweep_models import Sweep
from tasks import sweeps
from tasks.sweep_bell import ring_for
from tasks.sweeps import AdmittedSweep, SweepRequest


def start_sweep(owner_id: int, request: SweepRequest, idempotency_key: str | None = None) -> AdmittedSweep:
    """Accept a sweep, then ring for it.  Raises InvalidInput, NotFound, OverQuota, KeyReused.

    Once it is committed it is accepted: whatever fails after that, the housekeeper of the worker nodes makes good.
    """
    with database().writing() as session:
        admitted = sweeps.admit(session, owner_id, request, settings(), idempotency_key=idempotency_key)
        if admitted.is_new:
            note(session, "sweep-started", subject_of(admitted.sweep), detail={"workload": admitted.sweep.workload})
    if admitted.is_new:
        try:
            ring(admitted.sweep.id)
        except Exception:  # noqa: BLE001 - the sweep is kept, and who is told otherwise starts it a second time
            log.exception("accepted, not rung", sweep=admitted.sweep.id)
    return admitted


def ring(sweep_id: int) -> None:
    """Tell idle worker processes; the one place where pages and API do."""
    ring_for(database(), doorbell(), sweep_id)


def cancel_sweep(sweep_id: int) -> bool:
    """What was measured stays.  False when the sweep had ended already."""

    def told(session: Session) -> None:
        note(session, "sweep-cancelled", f"sweep {sweep_id}")

    return sweeps.cancel(database(), sweep_id, told)


def subject_of(sweep: Sweep) -> str:
    """As the audit log calls it."""
    return f"sweep {sweep.id}"
