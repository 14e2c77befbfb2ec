"""A sweep's rows as the instrument's own result: the same numbers on pages, in exports and on the command line."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from dynometer.execution.offers import Offer
from dynometer.measure import events
from dynometer.measure.codec import from_json, to_json
from dynometer.measure.machine import MAY_DIFFER, Environment
from dynometer.measure.plan import Plan
from dynometer.measure.recorder import state_of
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Ended, Probe, Setback, Trial
from store.sweep_models import Sweep, SweepEvent, SweepState

T = TypeVar("T")


def as_text(value: Any) -> str:
    """A dataclass of the instrument's, as its column keeps it."""
    return json.dumps(to_json(value), allow_nan=False)


def event_of(row: SweepEvent) -> events.Event:
    return events.event_of(row.kind, json.loads(row.body))


def plan_of(sweep: Sweep) -> Plan:
    return from_json(Plan, json.loads(sweep.plan))


def offers_of(sweep: Sweep) -> tuple[Offer, ...]:
    return tuple(from_json(Offer, each) for each in json.loads(sweep.offers or "[]"))


def environment_of(sweep: Sweep) -> Environment | None:
    """None before a node has begun."""
    return from_json(Environment, json.loads(sweep.environment)) if sweep.environment else None


def fingerprint_of(facts: Environment) -> str:
    """Equal for machines whose numbers may be compared, whatever their load."""
    told = {name: value for name, value in to_json(facts).items() if name not in MAY_DIFFER}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def result_of(sweep: Sweep, found: Sequence[events.Event]) -> SweepResult | None:
    """What it measured so far; None before a node has begun, as a result says on which machine it was made."""
    plan, facts = plan_of(sweep), environment_of(sweep)
    if facts is None:
        return None
    started_at = datetime.fromtimestamp(sweep.started_at or sweep.created_at, UTC)
    return SweepResult(
        plan=plan, environment=facts,
        started_at=started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), elapsed_s=sweep.spent_s,
        state=state_of(plan, found) if sweep.state is SweepState.FINISHED else "stopped",
        trials=_those(Trial, found), setbacks=_those(Setback, found),
        probes=_those(Probe, found), models=offers_of(sweep),
        ending=next((event.reason for event in found if isinstance(event, Ended)), ""),
    )


def _those(kind: type[T], found: Sequence[events.Event]) -> tuple[T, ...]:
    return tuple(event for event in found if isinstance(event, kind))
