"""Sweeps as the API writes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.api.schemas import moments
from app.sweep_view import SweepView
from dynometer.measure.trial import Trial
from dynometer.report.as_json import as_object
from store.sweep_models import Sweep, SweepEvent
from tasks.sweep_result import event_of, plan_of

SAME = ("id", "name", "workload", "origin", "state", "phase", "models", "windows", "verdict", "ending")
COUNTED = ("windows", "windows_rejected", "windows_expected", "points_done", "points_total")
MOST_EVENTS = 500


def sweep_row(sweep: Sweep) -> dict[str, Any]:
    times = moments(created_at=sweep.created_at, started_at=sweep.started_at, ended_at=sweep.ended_at)
    return {name: getattr(sweep, name) for name in SAME} | {"best": best_of(sweep)} | times


def best_of(sweep: Sweep) -> Mapping[str, Any] | None:
    if sweep.best_model is None:
        return None
    speedup = {"value": sweep.best_speedup, "low": sweep.best_low, "high": sweep.best_high}
    return {"model": sweep.best_model, "workers": sweep.best_workers, "speedup": speedup}


def sweep_json(view: SweepView, *, has_report: bool = True) -> dict[str, Any]:
    """`report` is the instrument's own object, untouched: its `state` is that of the measuring, ours of the sweep."""
    sweep, progress, plan = view.sweep, view.progress, plan_of(view.sweep)
    is_over = sweep.state.is_final
    return sweep_row(sweep) | {
        "parameters": dict(plan.parameters),
        "progress": {name: getattr(progress, name) for name in COUNTED} | {
            "spent_s": sweep.spent_s, "budget_s": plan.budget_s,
            "left_low_s": None if is_over else progress.left_low_s,
            "left_high_s": None if is_over else progress.left_high_s,
        },
        "node": sweep.node_name, "remarks": sweep.remarks,
        "report": as_object(view.report) if has_report and view.report else None,
    }  # fmt: skip


def feed_json(sweep: Sweep, rows: Sequence[SweepEvent], since: "Since") -> dict[str, Any]:
    """What counts of the sweep after the cursor."""
    shown = rows[:MOST_EVENTS]
    last = shown[-1].number if shown else since.number
    has_more = len(rows) > len(shown)
    return {
        "is_anew": since.is_anew, "events": [event_json(row) for row in shown], "cursor": f"{sweep.epoch}:{last}",
        "has_more": has_more, "is_final": sweep.state.is_final and not has_more,
    }  # fmt: skip


def event_json(row: SweepEvent) -> dict[str, Any]:
    event, body = event_of(row), json.loads(row.body)
    if isinstance(event, Trial):
        body |= {"throughput_per_s": event.throughput_per_s, "is_accepted": event.is_accepted}
    return {"number": row.number, "kind": row.kind, "event": body} | moments(at=row.at)


class Since:
    """A cursor of the feed: the number of the last event that the caller has, of these curves."""

    def __init__(self, cursor: str, epoch: int) -> None:
        """Anything else than a cursor of ours begins at the first event."""
        of_epoch, _, number = cursor.partition(":")
        is_ours = all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (of_epoch, number))
        is_same = is_ours and int(of_epoch) == epoch
        self.number = int(number) if is_same else 0
        self.is_anew = not is_same
