"""The table of points, and remarks on them."""

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from dynometer.estimate import Estimate
from dynometer.measure.trial import Point
from dynometer.summary.facts import Summary, most_useful_workers
from dynometer.summary.points import PointSummary
from dynometer.wording import counted, figure, interval, seconds, size

STYLES = {"A": "green", "B": "green", "C": "yellow", "invalid": "red"}
TITLES = ("model", "variant", "N", "items/s", "(95 %)", "speed-up", "(95 %)", "per worker", "grade", "start-up",
          "memory")
BY_THE_WAY = ("per worker", "start-up", "memory")  # left out where the line is too short; JSON has them
BROAD = 112  # columns
RIGHT = ("N", "items/s", "speed-up", "per worker", "start-up", "memory")


def points_table(summary: Summary, width: int, is_terminal: bool) -> Table:
    """Every point with at least one window: the 95 % interval beside each number, and the grade."""
    table = Table(box=box.SIMPLE_HEAD if is_terminal else None, padding=(0, 1), show_edge=False, pad_edge=True)
    shown = [index for index, title in enumerate(TITLES) if width >= BROAD or title not in BY_THE_WAY]
    for title in (TITLES[index] for index in shown):
        is_name = title in ("model", "variant")
        table.add_column(title, justify="right" if title in RIGHT else "left", no_wrap=not is_name, overflow="fold")
    for point in summary.points:
        cells = _cells(point)
        table.add_row(*(cells[index] for index in shown))
    return table


def _cells(point: PointSummary) -> list[Text]:
    own = point.efficiency if point.point.workers > 1 else None
    cells = [point.point.model, point.point.variant, str(point.point.workers), *_estimate(point.throughput_per_s),
             *_estimate(point.speedup, "x"), "" if own is None else f"{own:.0%}"]
    start_up = "" if point.startup_s is None else seconds(point.startup_s, is_padded=True)
    memory = "" if point.memory_pss_bytes is None else size(point.memory_pss_bytes)
    return [*map(Text, cells), Text(point.grade, style=STYLES.get(point.grade, "")), Text(start_up), Text(memory)]


def _estimate(estimate: Estimate | None, unit: str = "") -> tuple[str, str]:
    """Value and interval; the baseline over itself is exact and has none."""
    if estimate is None:
        return "-", ""
    return f"{figure(estimate.value)}{unit}", "" if estimate.low == estimate.high else interval(estimate, figure)


def remark_lines(summary: Summary) -> Iterator[str]:
    """What weakens or explains numbers: each remark once, with the points that it's about."""
    limit = most_useful_workers(summary.facts.cpus_usable, summary.facts.observables)
    about: dict[str, list[Point]] = {}
    for point in summary.points:
        for remark in _remarks(point, limit, summary.facts.cpus_usable):
            about.setdefault(remark, []).append(point.point)
    for remark, points in about.items():
        yield f"{', '.join(_named(points))}: {remark}."


def _remarks(point: PointSummary, most_useful: float, cpus: float) -> Iterator[str]:
    if point.point.workers > most_useful:
        yield f"oversubscribed, more workers than the {cpus:g} usable CPUs"
    if point.accepted == 0:
        yield f"no window counts. {point.rejections[0].rstrip('.')}"
    elif point.rejected:
        yield f"{counted(point.rejected, 'window')} rejected, {point.accepted} kept"
    names = list(dict.fromkeys(doubt.partition(":")[0].rstrip(".") for doubt in point.doubts))
    if names:
        yield f"doubted for {', '.join(names)}"


def _named(points: list[Point]) -> list[str]:
    """`pool (python) 1, 2`, one per curve."""
    counts: dict[str, list[str]] = {}
    for point in points:
        counts.setdefault(f"{point.model} ({point.variant})", []).append(str(point.workers))
    return [f"{curve} {', '.join(workers)}" for curve, workers in counts.items()]
