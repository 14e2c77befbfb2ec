"""A sweep as pages and API show it: its row, what counts of its events, and the report that they make."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from zlib import crc32

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app import fragment_links
from app.access import visible_owner
from app.sweep_progress import SweepProgress, progress_of
from app.words import duration
from dynometer.errors import NotFound
from dynometer.measure.events import Event
from dynometer.measure.result import SweepResult
from dynometer.report.report import Report, make_report
from dynometer.workloads import all_workloads
from store.sweep_models import Sweep, SweepState
from store.sweep_shares import shared_sweep
from store.sweeps import events_of, sweep_of
from tasks.sweep_result import event_of, plan_of, result_of

MOST_KEPT = 32  # reports in a web process: some 200 KB each


@dataclass(frozen=True)
class SweepView:
    """One sweep, as far as it is; result and report are None before a node has begun."""

    sweep: Sweep
    events: tuple[Event, ...]
    result: SweepResult | None
    report: Report | None
    progress: SweepProgress

    @property
    def workload_title(self) -> str:
        workload = all_workloads().get(self.sweep.workload)
        return workload.title if workload else self.sweep.workload

    @property
    def is_known(self) -> bool:
        """Whether its workload is installed here, so that it can be measured again."""
        return self.sweep.workload in all_workloads()

    @property
    def parameters(self) -> Mapping[str, Any]:
        return plan_of(self.sweep).parameters

    @property
    def etag(self) -> str:
        """Changes whenever the sweep's page would."""
        low, high = self.progress.left_low_s, self.progress.left_high_s
        shown = duration(low), duration(high), fragment_links.key_of(self.sweep.id, fragment_links.SWEEP)
        return f"{self.sweep.version}-{self.sweep.state}-{crc32(repr(shown).encode()):08x}"


@dataclass(frozen=True)
class Made:
    """What was made of a sweep at one version."""

    version: int
    epoch: int
    newest: int  # number of the last event that was read
    events: tuple[Event, ...]
    result: SweepResult | None
    report: Report | None


class Reports:
    """What this process made of sweeps, the newest version of each: bounded, the longest unused goes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, sweep: Sweep) -> Made:
        name = sweep.id, sweep.created_at
        with self._lock:
            known = self._kept.get(name)
        if known is None or known.version != sweep.version:
            known = made_of(session, sweep, known)
        with self._lock:
            self._kept[name] = known
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return known


def made_of(session: Session, sweep: Sweep, known: Made | None) -> Made:
    """Reads only the events that came since; those of another epoch count no more."""
    events, newest = (known.events, known.newest) if known and known.epoch == sweep.epoch else ((), 0)
    rows = events_of(session, sweep.id, sweep.epoch, after=newest)
    events += tuple(event_of(row) for row in rows)
    result = result_of(sweep, events)
    report = make_report(result) if result else None
    return Made(sweep.version, sweep.epoch, rows[-1].number if rows else newest, events, result, report)


def set_up(app: Flask) -> None:
    app.extensions["sweep_reports"] = Reports()


def visible_sweep(session: Session, sweep_id: int) -> Sweep:
    """Raises NotFound for a foreign sweep as for none: an id must not tell whether it exists."""
    sweep = sweep_of(session, sweep_id)
    is_linked = fragment_links.is_linked(sweep_id, fragment_links.SWEEP)
    if sweep is None or not (is_linked or visible_owner() in (None, sweep.owner_id)):
        raise NotFound(f"There is no sweep {sweep_id} among yours.")
    return sweep


def shared_sweep_of(session: Session, slug: str) -> Sweep:
    """What a public link opens.  Raises NotFound for a revoked one as for none."""
    sweep = shared_sweep(session, slug) if slug.isascii() and slug.isalnum() else None
    if sweep is None:
        raise NotFound("This link opens nothing: it was revoked, or there never was one.")
    return sweep


def sweep_view(session: Session, sweep_id: int) -> SweepView:
    return view_of(session, visible_sweep(session, sweep_id))


def view_of(session: Session, sweep: Sweep) -> SweepView:
    reports: Reports = current_app.extensions["sweep_reports"]
    made = reports.of(session, sweep)
    return SweepView(sweep, made.events, made.result, made.report, progress_of(sweep, made.result))


def is_measured(sweep: Sweep) -> bool:
    """Whether there is anything to show of it to others."""
    return sweep.state.is_final and sweep.state is not SweepState.FAILED and sweep.windows > 0
