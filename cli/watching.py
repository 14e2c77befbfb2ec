"""Following a job by polling, through restarts of the server."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from cli.client import Client
from cli.refusals import TimedOut, Unreachable

T = TypeVar("T")
FIRST_POLL_S, POLL_S = 0.05, 1.0  # a short job is not kept waiting for a second
PATIENCE_S = 60.0
OPEN = ("queued", "running")


def watch(
    client: Client, job: dict[str, Any], path: str = "", timeout_s: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the state of the job, or of what is at `path`, as it changes; the last one when it's over.

    Raises Unreachable when the server has been away for a minute, TimedOut when it is not over in time.
    """
    path = path or f"/api/v1/jobs/{job['id']}"
    etag, pause_s = None, FIRST_POLL_S
    deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
    yield job
    while job["state"] in OPEN:
        if time.monotonic() > deadline:
            raise TimedOut(f"It is not over after {timeout_s:g} s.")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, POLL_S)
        reply = patiently(partial(client.get, path, etag=etag))
        if reply.json is not None:
            job, etag = reply.json, reply.headers.get("ETag")
            yield job


def patiently(ask: Callable[[], T], *, while_it_is: type[Unreachable] = Unreachable) -> T:
    """`ask()`, again for a minute while the server is away: what was accepted goes on without us."""
    deadline = time.monotonic() + PATIENCE_S
    is_told = False
    while True:
        try:
            return ask()
        except while_it_is as away:
            if time.monotonic() > deadline:
                raise
            if not is_told:
                print(f"{away}  Trying for {PATIENCE_S:.0f} s.", file=sys.stderr)
                is_told = True
            time.sleep(POLL_S)
