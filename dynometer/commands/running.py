"""Runs a sweep to its end, or to the moment somebody stops it: what was measured by then is kept either way."""

import signal
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import cast

import click

from dynometer.commands.progress import Show, shown_progress
from dynometer.commands.results import Kept
from dynometer.measure.events import Event
from dynometer.measure.plan import Plan
from dynometer.measure.recorder import Recorder
from dynometer.measure.result import SweepResult
from dynometer.measure.sweep import sweep


def run(plan: Plan, out: Path | None, *, is_quiet: bool) -> tuple[SweepResult, bool]:
    """The result, and whether Ctrl+C or SIGTERM stopped it; the file `out` holds it too.

    Raises InvalidInput when `out` can't be written: before anything is measured.
    """
    recorder, kept = Recorder(plan), Kept(out)
    kept.finish(recorder.result())
    was_interrupted = False
    try:
        with _stopped_by_signals(), shown_progress(is_quiet) as show:
            try:
                _follow(plan, recorder, kept, show)
            except KeyboardInterrupt:
                was_interrupted = True
    except BaseException:
        with suppress(Exception):  # what went wrong first is what the user must hear of
            kept.finish(recorder.result())
            if out:
                click.echo(f"What was measured until then is in {kept.place(recorder.result())}.", err=True)
        raise
    if was_interrupted:
        click.echo("Stopped; the report is of what was measured until then.", err=True)
    result = recorder.result()
    kept.finish(result)
    kept.drop_beside(result)
    if (place := kept.place(result)) != out:
        click.echo(f"{out} was left as it is: this result, which measured nothing, is in {place}.", err=True)
    return result, was_interrupted


def _follow(plan: Plan, recorder: Recorder, kept: Kept, show: Show) -> None:
    with closing(cast("Generator[Event, None, None]", sweep(plan))) as events:  # closed, it leaves no process
        for event in recorder.follow(events):
            so_far = recorder.result()
            kept.update(so_far)
            show(so_far, event)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """The first Ctrl+C or SIGTERM stops the sweep; further ones must not cut short the end of its processes."""
    def stop(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
