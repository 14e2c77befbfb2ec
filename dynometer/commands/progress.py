"""A sweep's progress on stderr: a table that fills on a terminal, a plain line now and then elsewhere.

Drawn only between windows: a chart that moves by itself would take CPU time from what is measured.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from dynometer.measure.events import Event
from dynometer.measure.grades import is_precise
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Ended, Point, Setback, Trial
from dynometer.wording import figure, seconds

LINE_EVERY_S = 2.0
Show = Callable[[SweepResult, Event], None]  # (everything so far, the newest of it)


@contextmanager
def shown_progress(is_quiet: bool) -> Iterator[Show]:
    """A function that shows the newest state of a sweep."""
    if is_quiet:
        yield lambda result, event: None
    elif sys.stderr.isatty():
        from dynometer.commands.live_table import live_table

        with live_table() as show:
            yield show
    else:
        with _lines() as show:
            yield show


@contextmanager
def _lines() -> Iterator[Show]:
    next_line_s = time.monotonic()  # the first event has its line at once
    alike: list[Setback] = []  # in turn, for one reason: told in one line

    def tell_setbacks() -> None:
        if alike:
            models: dict[str, list[str]] = {}
            for each in alike:
                models.setdefault(f"{each.point.model} ({each.point.variant})", []).append(str(each.point.workers))
            names = "; ".join(f"{name} with {', '.join(workers)}" for name, workers in models.items())
            click.echo(f"{names}: {alike[0].standing}. {alike[0].reason}", err=True)
            alike.clear()

    def show(result: SweepResult, event: Event) -> None:
        nonlocal next_line_s
        if not isinstance(event, Setback) or [event.reason] != [each.reason for each in alike[:1]]:
            tell_setbacks()
        if isinstance(event, Setback):
            alike.append(event)
        elif isinstance(event, Ended):
            click.echo(event.reason, err=True)
        elif isinstance(event, Trial) and time.monotonic() >= next_line_s:
            next_line_s = time.monotonic() + LINE_EVERY_S
            click.echo(f"{name_of(event.point)}: {said_of(event)}; {state_of(result)}", err=True)

    try:
        yield show
    finally:
        tell_setbacks()


def name_of(point: Point) -> str:
    return f"{point.model} ({point.variant}) with {point.workers}"


def said_of(trial: Trial) -> str:
    """A window in a few words."""
    if not trial.is_accepted:
        return f"window rejected: {trial.rejected[0].rstrip('.')}"
    return f"{figure(trial.throughput_per_s)} items/s"


def state_of(result: SweepResult) -> str:
    """How far it is, and how long it will take, as a range."""
    windows = sum(trial.is_accepted for trial in result.trials)
    low, high = time_left(result)
    left = f"about {seconds(low)} left" if high < low * 1.2 else f"{seconds(low)} to {seconds(high)} left"
    return f"{windows:,} windows, {left if high >= 1 else 'nearly done'}"


def time_left(result: SweepResult) -> tuple[float, float]:
    """Seconds: low, if every point is precise after the fewest blocks; high, if none ever is.  The budget cuts both."""
    plan, trials = result.plan, result.trials
    budget_left_s = max(0.0, plan.budget_s - result.elapsed_s)
    if not trials:
        return budget_left_s, budget_left_s
    over = {setback.point for setback in result.setbacks}
    each_s = result.elapsed_s / len(trials)
    least = most = 0
    for point in plan.points:
        mine = [trial for trial in trials if trial.point == point]
        done = sum(trial.is_accepted for trial in mine)
        if point in over or point in plan.diagnostic or is_precise(mine, plan.blocks_least, plan.precision):
            continue
        least += max(1, plan.blocks_least - done)
        most += max(1, plan.blocks_most - done)
    return min(budget_left_s, least * each_s), min(budget_left_s, most * each_s)
