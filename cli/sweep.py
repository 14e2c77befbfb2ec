"""`./dyno sweep`: run, list, show, report, export, cancel, import, share, compare."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from cli.client import Client
from cli.connection import server_options, with_client
from cli.sweep_exchange import bring, compare, share
from cli.sweep_options import SWEEPS, plan_options
from dynometer.commands.gating import gate_options

LONGEST_LIST = 200  # sweeps that the API gives at once
STATES = ("queued", "running", "finished", "failed", "cancelled")
ENDINGS = ("csv", "windows.csv", "json", "md", "html", "svg", "png", "badge.svg", "badge.json")
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("sweep")
def command() -> None:
    """Measure workloads on a running Dynometer's fleet: start, watch, report, export, compare."""


for each in (bring, compare, share):
    command.add_command(each)


@command.command("run")
@click.argument("workload")
@plan_options
@gate_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of words.")
@click.option("--out", type=FILE, metavar="FILE", help="Keep every window here; python -m dynometer reads it.")
@click.option("--no-wait", is_flag=True, help="Print its number and leave it to the fleet.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
              help="Wait no longer than this; the sweep goes on.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@server_options
def run(
    gates: tuple[str, ...], is_strict: bool, as_json: bool, out: Path | None, no_wait: bool, timeout_s: float | None,
    quiet: bool, server: str | None, data: Path | None, **wanted: Any,
) -> None:  # fmt: skip
    """Measure WORKLOAD on a node of the fleet, wait for the end, and print the report.

    Exit status: 0 well; 3 failed or cancelled; 4 a gate is not met; 5 no server; 6 not over in time; 130 Ctrl+C, and
    the sweep goes on.

    \b
    ./dyno sweep run random-sum
    ./dyno sweep run random-sum --models sequential,pool --workers 1,2 --fail-if "speedup(pool,2) < 1.6"
    ./dyno sweep run wait --param seconds=0.01 --models event-loop,threads --workers 1,8,64 --out wait.json
    """
    from cli.sweep_report import tell
    from cli.sweep_run import begin, finished
    from dynometer.commands.results import require_free
    from dynometer.summary.gates import read_gates

    if no_wait and (gates or out):
        raise click.UsageError("--no-wait has no report: leave out --fail-if and --out.")
    if out:
        require_free(out)
    read = read_gates(gates)
    sweep = with_client(server, data, lambda client: begin(client, wanted, read))
    if no_wait:
        print(json.dumps({"version": 1, **sweep}) if as_json else sweep["id"])
        return
    over = with_client(server, data, lambda client: finished(client, sweep, is_quiet=quiet, timeout_s=timeout_s))
    tell(over, read, is_strict=is_strict, as_json=as_json, out=out)


@command.command("list")
@click.option("--limit", type=click.IntRange(1, LONGEST_LIST), default=20, show_default=True, help="How many.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--workload", help="Only those of this workload.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@server_options
def list_sweeps(as_json: bool, server: str | None, data: Path | None, **filters: Any) -> None:
    """List sweeps, newest first."""
    from cli.sweep_told import table

    query = urlencode({name: value for name, value in filters.items() if value})
    sweeps = with_client(server, data, lambda client: client.get(f"{SWEEPS}?{query}").json)
    print(json.dumps({"version": 1, "sweeps": sweeps}) if as_json else "\n".join(table(sweeps)))


@command.command("show")
@click.argument("sweep_id", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@server_options
def show(sweep_id: int, as_json: bool, server: str | None, data: Path | None) -> None:
    """Print how far sweep SWEEP_ID is."""
    from cli.sweep_told import described

    sweep = with_client(server, data, lambda client: client.get(f"{SWEEPS}/{sweep_id}?report=false").json)
    print(json.dumps({"version": 1, **sweep}) if as_json else described(sweep))


@command.command("report")
@click.argument("sweep_id", type=click.IntRange(1))
@gate_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@server_options
def report(
    sweep_id: int, gates: tuple[str, ...], is_strict: bool, as_json: bool, server: str | None, data: Path | None
) -> None:
    """Print the report of sweep SWEEP_ID, as far as it is: what `python -m dynometer report` says of its windows."""
    from cli.sweep_report import tell
    from dynometer.summary.gates import read_gates

    read = read_gates(gates)
    sweep = with_client(server, data, lambda client: client.get(f"{SWEEPS}/{sweep_id}").json)
    tell(sweep, read, is_strict=is_strict, as_json=as_json)


@command.command("export")
@click.argument("sweep_id", type=click.IntRange(1))
@click.option("--as", "ending", type=click.Choice(ENDINGS), default="json", show_default=True, help="Which form.")
@click.option("--out", type=FILE, metavar="FILE", help="Write here.  [default: stdout]")
@server_options
def export(sweep_id: int, ending: str, out: Path | None, server: str | None, data: Path | None) -> None:
    """Fetch sweep SWEEP_ID as a file: table, report, picture, badge.

    \b
    ./dyno sweep export 3 --as csv > points.csv
    ./dyno sweep export 3 --as png --out scaling.png
    """
    if out is None and ending == "png" and sys.stdout.isatty():
        raise click.UsageError("A picture is nothing for a terminal: add --out FILE.")

    def fetch(client: Client) -> None:
        with client.stream(f"{SWEEPS}/{sweep_id}/export/{ending}") as body:
            if out is None:
                shutil.copyfileobj(body, sys.stdout.buffer)
            else:
                out.write_bytes(body.read())

    with_client(server, data, fetch)


@command.command("cancel")
@click.argument("sweep_id", type=click.IntRange(1))
@server_options
def cancel(sweep_id: int, server: str | None, data: Path | None) -> None:
    """Stop sweep SWEEP_ID; what is measured stays."""
    with_client(server, data, lambda client: client.delete(f"{SWEEPS}/{sweep_id}"))
    print(f"Sweep {sweep_id} is cancelled; `./dyno sweep report {sweep_id}` says what was measured.", file=sys.stderr)
