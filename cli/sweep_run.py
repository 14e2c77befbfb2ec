"""Starting a sweep on a server, and waiting for its end."""

import sys
import uuid
from collections.abc import Sequence
from typing import Any

from cli.client import Client
from cli.refusals import Busy, TimedOut, Unreachable
from cli.starting import typed_parameters
from cli.sweep_options import SWEEPS, body_of
from cli.sweep_progress import shown_progress
from cli.watching import patiently, watch
from dynometer.errors import InvalidInput
from dynometer.measure.codec import from_json
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point
from dynometer.summary.gates import Gate, point_of

CLUSTER = "cluster"


def begin(client: Client, wanted: dict[str, Any], gates: Sequence[Gate] = ()) -> dict[str, Any]:
    """The sweep that the server has accepted.  Raises InvalidInput, also for a gate on a point that is not in it."""
    body = body_of(wanted)
    if wanted["parameters"]:
        body["parameters"] = typed_parameters(client, wanted["workload"], wanted["parameters"])
    key = str(uuid.uuid4())
    sweep: dict[str, Any] = patiently(lambda: client.post(SWEEPS, body, key=key), while_it_is=Busy).json
    try:
        check(gates, sweep)
    except InvalidInput:
        client.delete(f"{SWEEPS}/{sweep['id']}")
        raise
    print(f"Sweep {sweep['id']} is accepted: {client.server}/sweeps/{sweep['id']}", file=sys.stderr)
    return sweep


def check(gates: Sequence[Gate], sweep: dict[str, Any]) -> None:
    """Each gate speaks of a point that is going to be measured."""
    plan = from_json(Plan, sweep["plan"] | {"inputs": None})
    cluster = [Point(CLUSTER, plan.baseline.variant, workers) for workers in sweep["cluster_workers"]]
    for gate in gates:
        point_of(gate, (*plan.points, *(setback.point for setback in plan.setbacks), *cluster), plan.baseline)


def finished(client: Client, sweep: dict[str, Any], *, is_quiet: bool, timeout_s: float | None) -> dict[str, Any]:
    """The sweep once it is over, with its report.  Left alone, it goes on: Ctrl+C only ends the waiting."""
    path = f"{SWEEPS}/{sweep['id']}"
    hint = f"`./dyno sweep report {sweep['id']}`, `./dyno sweep cancel {sweep['id']}`"
    try:
        with shown_progress(is_quiet) as show:
            for now in watch(client, sweep, f"{path}?report=false", timeout_s):
                show(now)
        over: dict[str, Any] = patiently(lambda: client.get(path)).json
    except KeyboardInterrupt:
        print(f"\nThe sweep goes on.  {hint}", file=sys.stderr)
        raise
    except TimedOut as late:
        late.hint = f"The sweep goes on.  {hint}"
        raise
    except Unreachable as away:
        away.hint = f"The sweep is kept and goes on when it can: `./dyno sweep report {sweep['id']}` when it is back."
        raise
    return over
