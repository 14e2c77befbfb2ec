"""A job's progress on stderr: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LINE_EVERY_S = 5.0
ShowProgress = Callable[[dict[str, Any]], None]


@contextmanager
def shown_progress(job: dict[str, Any]) -> Iterator[ShowProgress]:
    """A function that shows a job's newest state."""
    if sys.stderr.isatty():
        with _bar(job) as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar(job: dict[str, Any]) -> Iterator[ShowProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(job["workload"], total=job["items_total"], rate="")
        yield lambda now: progress.update(task, completed=now["items_done"], rate=rate_and_rest(now))


def _lines() -> ShowProgress:
    next_line = time.monotonic() + LINE_EVERY_S

    def show(job: dict[str, Any]) -> None:
        nonlocal next_line
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + LINE_EVERY_S
            print(f"{job['items_done']:,} of {job['items_total']:,} items  {rate_and_rest(job)}", file=sys.stderr)

    return show


def rate_and_rest(job: dict[str, Any]) -> str:
    """How fast it goes and how long it will take, as a range."""
    rate, eta = job.get("throughput_per_s"), job.get("eta_s")
    parts = [f"{rate:,.1f} items/s"] if rate else []
    if eta:
        parts.append(f"{eta['low_s']:.0f} to {eta['high_s']:.0f} s left")
    return ", ".join(parts)
