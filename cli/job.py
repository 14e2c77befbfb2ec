"""`./dyno job`: run, show, cancel, fetch."""

import json
import shutil
import sys
import uuid
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from cli.client import Client
from cli.connection import server_options, with_client
from cli.progress import shown_progress
from cli.refusals import JOB_FAILED, Busy
from cli.watching import patiently, watch
from dynometer.errors import InvalidInput

JOBS = "/api/v1/jobs"
RESULT_SHOWN_CHARS = 2_000


@click.group("job")
def command() -> None:
    """Run, show and cancel jobs on a running Dynometer."""


@command.command("run")
@click.argument("workload")
@click.option("--items", type=click.IntRange(1), help="How many items the workload generates.")
@click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with your own items, one per line; JSON lines when its name ends in .jsonl.")  # fmt: skip
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


def start_and_wait(client: Client, request: dict[str, Any]) -> dict[str, Any]:
    """Start the job that the options in `request` describe; its last state."""
    body = {name: request[name] for name in ("workload", "items", "variant", "max_workers") if request[name]}
    body["parameters"] = typed_parameters(client, request["workload"], request["parameters"])
    if request["inputs"]:
        body["upload_id"] = upload(client, request["workload"], request["inputs"])
    key = str(uuid.uuid4())
    job: dict[str, Any] = patiently(lambda: client.post(JOBS, body, key=key), while_it_is=Busy).json
    print(f"Job {job['id']} is accepted: {client.server}/jobs/{job['id']}", file=sys.stderr)
    try:
        with shown_progress(job) as show_progress:
            for job in watch(client, job):  # noqa: B020 - the newest state
                show_progress(job)
    except KeyboardInterrupt:
        print(f"\nThe job goes on.  `./dyno job show {job['id']}`, `./dyno job cancel {job['id']}`", file=sys.stderr)
        raise
    return job


def typed_parameters(client: Client, workload: str, given: tuple[str, ...]) -> dict[str, Any]:
    """`("draws=1000",)` as `{"draws": 1000}`, by the types the workload declares; the server judges the values."""
    if not given:
        return {}
    ask = partial(client.get, "/api/v1/workloads")
    described = {each["key"]: each for each in patiently(ask, while_it_is=Busy).json}
    types = {each["name"]: each["type"] for each in described.get(workload, {}).get("parameters", ())}
    parameters: dict[str, Any] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InvalidInput(f"--param wants NAME=VALUE, got {pair!r}.")
        parameters[name] = text if types.get(name) == "str" else number_or_text(text)
    return parameters


def number_or_text(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def upload(client: Client, workload: str, path: Path) -> int:
    """Send the items in `path`; the id to name them by."""
    query = urlencode({"workload": workload, "name": path.name})
    with path.open("rb") as file:
        sent: dict[str, Any] = client.upload(f"/api/v1/uploads?{query}", file, path.stat().st_size).json
    print(f"{sent['items']:,} items of {path.name} are uploaded", file=sys.stderr)
    return int(sent["id"])


def described(job: dict[str, Any]) -> str:
    """A job in some lines, for people."""
    rate = job.get("throughput_per_s")
    lines = [
        f"Job {job['id']} ({job['workload']}, {job['variant']}): {job['state']}, {job['items_done']:,} of "
        f"{job['items_total']:,} items in {job['elapsed_s']:.1f} s" + (f", {rate:,.1f} items/s" if rate else "")
    ]
    if job.get("failure"):
        lines.append(job["failure"])
    if job.get("result_sentence") or job.get("result") is not None:
        lines.append(job.get("result_sentence") or json.dumps(job["result"])[:RESULT_SHOWN_CHARS])
    return "\n".join(lines)
