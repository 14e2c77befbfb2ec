"""Sweeps as lines of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.job_view import name_of
from app.sweep_progress import SweepProgress
from app.sweep_view import view_of
from dynometer.estimate import Estimate
from dynometer.execution import MODELS
from dynometer.wording import interval, times
from store.sweep_list import clock, owners_of
from store.sweep_models import Sweep

MOST_MODELS = 3  # named in a line


@dataclass(frozen=True)
class SweepRow:
    """One line of a list of sweeps."""

    sweep: Sweep
    owner: str
    progress: SweepProgress | None  # None for one that is over
    took_s: float | None

    @property
    def models(self) -> str:
        shown = [name for name in self.sweep.models if name != "sequential"] or list(self.sweep.models)
        more = len(shown) - MOST_MODELS
        return ", ".join(shown[:MOST_MODELS]) + (f" and {more} more" if more > 0 else "")

    @property
    def best(self) -> str:
        return times(self.sweep.best_speedup) if self.sweep.best_speedup is not None else ""

    @property
    def interval(self) -> str:
        """1.88 to 1.96; empty where nothing has one."""
        sweep = self.sweep
        if sweep.best_speedup is None or sweep.best_low is None or sweep.best_high is None:
            return ""
        if sweep.best_low == sweep.best_high:
            return ""
        return interval(Estimate(sweep.best_speedup, sweep.best_low, sweep.best_high))


def sweep_rows(session: Session, found: Sequence[Sweep]) -> list[SweepRow]:
    """One query for all owners, and one for each sweep that runs, whose report most watchers share."""
    owners, now_s = owners_of(session, found), clock(session)
    rows = []
    for sweep in found:
        progress = None if sweep.state.is_final else view_of(session, sweep).progress
        began_s = sweep.started_at
        took_s = None if began_s is None else max(0.0, (sweep.ended_at or now_s) - began_s)
        rows.append(SweepRow(sweep, name_of(owners.get(sweep.owner_id, "")), progress, took_s))
    return rows


def known_models() -> list[str]:
    """For the list's filter."""
    return [key for key in MODELS if key != "simulated"]
