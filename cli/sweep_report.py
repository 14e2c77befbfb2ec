"""The report of a fetched sweep: made from its windows by the instrument itself, so that it says the same."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from cli.refusals import JOB_FAILED
from dynometer.commands.gating import end_by_gates
from dynometer.commands.results import is_valid
from dynometer.commands.showing import show
from dynometer.measure.result import SweepResult, loads, save
from dynometer.report.as_json import without_conclusions
from dynometer.report.report import make_report
from dynometer.summary.gates import Gate

ENDED = {"failed": "The sweep failed", "cancelled": "The sweep was cancelled"}


def result_in(sweep: dict[str, Any]) -> SweepResult | None:
    """None before a node has begun."""
    if sweep["report"] is None:
        return None
    return loads(json.dumps(without_conclusions(sweep["report"])), f"Sweep {sweep['id']}")


def tell(
    sweep: dict[str, Any], gates: Sequence[Gate], *, is_strict: bool, as_json: bool, out: Path | None = None
) -> None:
    """Print the report of a sweep; ends the command with 3 or 4 where it should not end well."""
    result = result_in(sweep)
    if result is None:
        fail(sweep, "No worker node had begun it, so there is nothing to report.")
    if out:
        save(result, out)
    report = make_report(result, gates)
    show(report, as_json)
    if sweep["state"] in ENDED:
        fail(sweep, sweep["ending"] or "")
    if not is_valid(result):
        fail(sweep, "It holds no window that counts by now.")
    end_by_gates(report.gates, is_strict=is_strict)


def fail(sweep: dict[str, Any], reason: str) -> NoReturn:
    said = ENDED.get(sweep["state"], f"Sweep {sweep['id']} is {sweep['state']}")
    click.echo(f"dyno: {said}. {reason}".rstrip(), err=True)
    raise SystemExit(JOB_FAILED)
