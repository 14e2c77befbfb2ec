"""Starting a job and waiting for its end."""

import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from cli.client import Client
from cli.progress import shown_progress
from cli.refusals import Busy, Unreachable
from cli.watching import patiently, watch
from dynometer.errors import InvalidInput

JOBS = "/api/v1/jobs"


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
    except Unreachable as away:
        away.hint = f"The job is kept and goes on when it can: `./dyno job show {job['id']}` when it is back."
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
    with opened(path) as (name, file, size_bytes):
        query = urlencode({"workload": workload, "name": name})
        sent: dict[str, Any] = client.upload(f"/api/v1/uploads?{query}", file, size_bytes).json
    print(f"{sent['items']:,} items of {name} are uploaded", file=sys.stderr)
    return int(sent["id"])


@contextmanager
def opened(path: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """(name, content, size in bytes).  What has no size before it's read, a pipe or stdin, is kept in a file first."""
    with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
        if path.is_file():
            yield path.name, file, path.stat().st_size
            return
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(file, kept)
            size_bytes = kept.tell()
            kept.seek(0)
            yield "items.txt", kept, size_bytes
