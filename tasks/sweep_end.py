"""A sweep's end: measured, cancelled, failed or brought in from a file."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from dynometer.errors import DynometerError, InvalidInput
from dynometer.measure.events import Event, kind_of
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Ended
from settings import Settings
from store import sweeps
from store.database import Database
from store.sweep_models import Origin, Sweep, SweepEvent, SweepState
from tasks.sweep_result import as_text, event_of, fingerprint_of, result_of
from tasks.sweep_soundness import require_sound
from tasks.sweep_summary import summary_of

NOTHING = "Nothing could be measured; its page says why."


def conclude(
    database: Database, sweep_id: int, state: SweepState, ending: str | None,
    told: Callable[[Session], None] | None = None,
) -> bool:  # fmt: skip
    """End the sweep with what its report says of it; False when it had ended already.

    `state` FINISHED becomes FAILED where no window counts.  `told` writes down who did it, in the same transaction.
    """
    with database.writing() as session:
        sweep = sweeps.sweep_of(session, sweep_id)
        if sweep is None or sweep.state.is_final:
            return False
        events = [event_of(row) for row in sweeps.events_of(session, sweep_id, sweep.epoch)]
        result = result_of(sweep, events)
        summary = summary_of(result) if result else {"windows": 0}
        if state is SweepState.FINISHED and not summary["windows"]:
            state, ending = SweepState.FAILED, ending or NOTHING
        was_open = sweeps.end(session, sweep_id, state, summary | {"ending": ending})
        if was_open and told:
            told(session)
    return was_open


def imported(session: Session, owner_id: int, result: SweepResult, name: str, settings: Settings) -> Sweep:
    """A row for a result from elsewhere, and rows for its events.  Raises InvalidInput for one that can't be shown."""
    started_at = require_sound(result)
    try:
        summary = summary_of(result)
    except (ArithmeticError, ValueError, LookupError, TypeError, DynometerError) as error:
        raise InvalidInput(f"No report can be made of this result; nothing was kept. {error}",
                           fields={"file": "holds numbers that no report can be made of"}) from None
    points = (*result.plan.points, *(trial.point for trial in result.trials))
    events: list[Event] = [*result.setbacks, *result.probes, *result.trials]
    if result.ending:
        events.append(Ended(result.ending))
    sweep = Sweep(
        owner_id=owner_id, workload=result.plan.workload, name=name or result.plan.workload, origin=Origin.IMPORTED,
        plan=as_text(result.plan), cluster_workers=[], remarks=[],
        models=list(dict.fromkeys(point.model for point in points)),
        environment=as_text(result.environment), fingerprint=fingerprint_of(result.environment),
        offers=as_text(list(result.models)), events=len(events), spent_s=result.elapsed_s, state=_state_of(result),
        started_at=started_at, ended_at=started_at + result.elapsed_s, ending=result.ending or None, **summary,
    )  # fmt: skip
    session.add(sweep)
    session.flush()
    session.add_all(
        SweepEvent(sweep_id=sweep.id, number=number, epoch=0, kind=kind_of(event), body=as_text(event))
        for number, event in enumerate(events, 1)
    )
    session.flush()
    return sweep


def _state_of(result: SweepResult) -> SweepState:
    if not any(trial.is_accepted for trial in result.trials):
        return SweepState.FAILED
    return SweepState.CANCELLED if result.state == "stopped" else SweepState.FINISHED
