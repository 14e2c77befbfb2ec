"""A sweep's progress on stderr: a bar on a terminal, a plain line now and then elsewhere.  Counted, never a timer."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dynometer.wording import counted, seconds

LINE_EVERY_S = 5.0
PHASES = {
    "waiting": "waits for a worker process", "proving": "proves that all variants give equal values",
    "measuring": "measures", "fleet": "runs cluster points as jobs",
}  # fmt: skip
Show = Callable[[dict[str, Any]], None]


@contextmanager
def shown_progress(is_quiet: bool) -> Iterator[Show]:
    """A function that shows a sweep's newest state."""
    if is_quiet:
        yield lambda sweep: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True, highlight=False, markup=False)
    columns = (BarColumn(), TextColumn("{task.description}", markup=False))
    told = 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def show(sweep: dict[str, Any]) -> None:
            nonlocal told
            for remark in sweep["remarks"][told:]:
                console.print(str(remark))
            told = len(sweep["remarks"])
            at = sweep["progress"]
            progress.update(task, completed=at["windows"], total=max(at["windows_expected"], 1), description=far(sweep))

        yield show


def _lines() -> Show:
    next_line_s, phase, told = time.monotonic(), "", 0

    def show(sweep: dict[str, Any]) -> None:
        nonlocal next_line_s, phase, told
        for remark in sweep["remarks"][told:]:
            print(remark, file=sys.stderr)
        told = len(sweep["remarks"])
        if sweep["state"] in ("queued", "running") and (sweep["phase"] != phase or time.monotonic() >= next_line_s):
            next_line_s, phase = time.monotonic() + LINE_EVERY_S, sweep["phase"]
            print(far(sweep), file=sys.stderr)

    return show


def far(sweep: dict[str, Any]) -> str:
    """measures on worker.1: 12 windows, 3 of 11 points, 20 s to 40 s left"""
    at = sweep["progress"]
    where = f" on {sweep['node']}" if sweep["node"] and sweep["phase"] != "waiting" else ""
    parts = [counted(at["windows"], "window"), f"{at['points_done']:,} of {counted(at['points_total'], 'point')}"]
    return f"{PHASES.get(sweep['phase'], sweep['phase'])}{where}: {', '.join([*parts, *left(at)])}"


def left(at: dict[str, Any]) -> list[str]:
    """A range, as nobody knows it better."""
    low, high = at["left_low_s"], at["left_high_s"]
    if low is None or high is None:
        return []
    if high < 1:
        return ["nearly done"]
    return [f"about {seconds(low)} left" if high < low * 1.2 else f"{seconds(low)} to {seconds(high)} left"]
