"""A sweep as pages and API show it: its row, what counts of its events, and the report that they make."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.access import visible_owner
from app.sweep_progress import SweepProgress, progress_of
from dynometer.errors import NotFound
from dynometer.measure.events import Event
from dynometer.measure.result import SweepResult
from dynometer.report.report import Report, make_report
from store.sweep_models import Sweep, SweepState
from store.sweeps import events_of, sweep_of
from tasks.sweep_result import event_of, result_of

MOST_KEPT = 32  # reports in a web process: some 200 KB each


@dataclass(frozen=True)
class SweepView:
    """One sweep, as far as it is; result and report are None before a node has begun."""

    sweep: Sweep
    events: tuple[Event, ...]
    result: SweepResult | None
    report: Report | None
    progress: SweepProgress


Made = tuple[tuple[Event, ...], SweepResult | None, Report | None]


class Reports:
    """What this process made of sweeps, by version: bounded, the longest unused goes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, sweep: Sweep) -> Made:
        name = sweep.id, sweep.created_at, sweep.version
        with self._lock:
            if made := self._kept.get(name):
                self._kept.move_to_end(name)
                return made
        made = made_of(session, sweep)
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def made_of(session: Session, sweep: Sweep) -> Made:
    events = tuple(event_of(row) for row in events_of(session, sweep.id, sweep.epoch))
    result = result_of(sweep, events)
    return events, result, make_report(result) if result else None


def set_up(app: Flask) -> None:
    app.extensions["sweep_reports"] = Reports()


def visible_sweep(session: Session, sweep_id: int) -> Sweep:
    """Raises NotFound for a foreign sweep as for none: an id must not tell whether it exists."""
    sweep = sweep_of(session, sweep_id)
    if sweep is None or visible_owner() not in (None, sweep.owner_id):
        raise NotFound(f"There is no sweep {sweep_id} among yours.")
    return sweep


def sweep_view(session: Session, sweep_id: int) -> SweepView:
    return view_of(session, visible_sweep(session, sweep_id))


def view_of(session: Session, sweep: Sweep) -> SweepView:
    reports: Reports = current_app.extensions["sweep_reports"]
    events, result, report = reports.of(session, sweep)
    return SweepView(sweep, events, result, report, progress_of(sweep, result))


def is_measured(sweep: Sweep) -> bool:
    """Whether there is anything to show of it to others."""
    return sweep.state.is_final and sweep.state is not SweepState.FAILED and sweep.windows > 0
