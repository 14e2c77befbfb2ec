"""The sweep's points on a terminal, filling."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dynometer.commands.progress import Show, state_of
from dynometer.measure import grades
from dynometer.measure.events import Event
from dynometer.measure.result import SweepResult
from dynometer.wording import figure

BAR = 10  # characters


@contextmanager
def live_table() -> Iterator[Show]:
    """A function that draws the table; it's gone at the end, for the report says it all."""
    console = Console(stderr=True, highlight=False, markup=False)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        def show(result: SweepResult, event: Event) -> None:
            live.update(_table(result), refresh=True)

        yield show


def _table(result: SweepResult) -> Table:
    table = Table(box=None, padding=(0, 1), caption=state_of(result), caption_justify="left")
    for title in ("model", "variant", "N", "windows", "items/s", "within"):
        table.add_column(title, justify="right" if title in ("N", "items/s", "within") else "left")
    stopped = {setback.point: str(setback.standing) for setback in result.setbacks}
    for point in result.plan.points:
        mine = [trial for trial in result.trials if trial.point == point]
        good = grades.accepted(mine)
        filled = min(BAR, BAR * len(good) // result.plan.blocks_least)
        found, half = grades.throughput(mine), grades.half_width(mine)
        bar = Text.assemble(("━" * filled, "green"), ("━" * (BAR - filled), "dim"), f" {len(good)}")
        if rejected := len(mine) - len(good):
            bar.append(f", {rejected} rejected", "yellow")
        windows = Text(stopped[point], "red") if point in stopped else bar
        table.add_row(point.model, point.variant, str(point.workers), windows, figure(found.value) if found else "",
                      f"{half:.1%}" if half is not None else "")
    return table
