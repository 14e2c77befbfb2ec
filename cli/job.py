"""`./dyno job`: run, list, show, cancel, fetch."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from cli.client import Client
from cli.connection import server_options, with_client
from cli.refusals import JOB_FAILED
from cli.starting import JOBS, start_and_wait
from cli.told import described, table

LONGEST_LIST = 200  # jobs that the API gives at once


@click.group("job")
def command() -> None:
    """Run, list, show and cancel jobs on a running Dynometer."""


@command.command("run")
@click.argument("workload")
@click.option("--items", type=click.IntRange(1), help="How many items the workload generates.")
@click.option("--inputs", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
              help="A file (or pipe, or - for stdin) with your own items, one per line; JSON lines when its name ends "
              "in .jsonl.")  # fmt: skip
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter; may be given often.")
@click.option("--variant", help="Another implementation of the workload.")
@click.option("--max-workers", type=click.IntRange(1), help="At most so many worker processes at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the finished job as one JSON object.")
@server_options
@click.pass_context
def run(context: click.Context, /, server: str | None, data: Path | None, as_json: bool, **request: Any) -> None:
    """Start a job of WORKLOAD, wait for its end, and print its result.

    Exit status: 0 succeeded; 3 failed, partial or cancelled; 5 the server can't be reached.

    \b
    ./dyno job run random-sum --items 20
    ./dyno job run option-price --items 200 --param paths_per_item=50000 --json
    ./dyno job run factorise --inputs numbers.txt
    """
    job = with_client(server, data, lambda client: start_and_wait(client, request))
    print(json.dumps({"version": 1, **job}) if as_json else described(job))
    context.exit(0 if job["state"] == "succeeded" else JOB_FAILED)


@command.command("list")
@click.option("--limit", type=click.IntRange(1, LONGEST_LIST), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@server_options
def list_jobs(limit: int, as_json: bool, server: str | None, data: Path | None) -> None:
    """List jobs, newest first."""
    jobs = with_client(server, data, lambda client: client.get(f"{JOBS}?limit={limit}").json)
    print(json.dumps({"version": 1, "jobs": jobs}) if as_json else "\n".join(table(jobs)))


@command.command("show")
@click.argument("job_id", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@server_options
def show(job_id: int, as_json: bool, server: str | None, data: Path | None) -> None:
    """Print how far job JOB_ID is."""
    job = with_client(server, data, lambda client: client.get(f"{JOBS}/{job_id}").json)
    print(json.dumps({"version": 1, **job}) if as_json else described(job))


@command.command("cancel")
@click.argument("job_id", type=click.IntRange(1))
@server_options
def cancel(job_id: int, server: str | None, data: Path | None) -> None:
    """Stop job JOB_ID; what is done stays."""
    with_client(server, data, lambda client: client.delete(f"{JOBS}/{job_id}"))
    print(f"Job {job_id} is cancelled; `./dyno job show {job_id}` says what was done.", file=sys.stderr)


@command.command("results")
@click.argument("job_id", type=click.IntRange(1))
@click.option("--csv", "as_csv", is_flag=True, help="CSV in place of JSON lines.")
@click.option("--partial", is_flag=True, help="What is there by now, when the job still runs.")
@server_options
def results(job_id: int, as_csv: bool, partial: bool, server: str | None, data: Path | None) -> None:
    """Print every item's result of job JOB_ID, in item order."""
    query = urlencode({"format": "csv" if as_csv else "ndjson"} | ({"partial": "1"} if partial else {}))

    def fetch(client: Client) -> None:
        with client.stream(f"{JOBS}/{job_id}/results?{query}") as body:
            shutil.copyfileobj(body, sys.stdout.buffer)

    with_client(server, data, fetch)
