"""The table of points."""

from rich import box
from rich.table import Table
from rich.text import Text

from dynometer.report.words import counted, figure, interval, seconds, size
from dynometer.summary.facts import Summary, most_useful_workers
from dynometer.summary.points import PointSummary

STYLES = {"A": "green", "B": "green", "C": "yellow", "invalid": "red"}


def points_table(summary: Summary, is_terminal: bool) -> Table:
    """Every point with at least one window: interval, grade and remarks beside each number."""
    table = Table(box=box.SIMPLE_HEAD if is_terminal else None, padding=(0, 1), show_edge=False, pad_edge=True)
    for title, justify in (("model", "left"), ("variant", "left"), ("N", "right"), ("items/s", "right"),
                           ("95 % interval", "left"), ("speed-up", "right"), ("95 % interval", "left"),
                           ("per worker", "right"), ("grade", "left")):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("remarks", ratio=1)
    limit = most_useful_workers(summary.facts.cpus_usable, summary.facts.observables)
    for point in summary.points:
        table.add_row(*_cells(point), Text(". ".join(remarks(point, limit))))
    return table


def _cells(point: PointSummary) -> list[Text]:
    throughput, gain = point.throughput_per_s, point.speedup
    cells = [point.point.model, point.point.variant, str(point.point.workers)]
    cells += [figure(throughput.value), interval(throughput)] if throughput else ["-", "-"]
    if gain and gain.low == gain.high:  # the baseline over itself
        cells += [f"{figure(gain.value)}x", "baseline"]
    else:
        cells += [f"{figure(gain.value)}x", interval(gain)] if gain else ["-", "-"]
    cells.append(f"{point.efficiency:.0%}" if point.efficiency is not None else "-")
    return [*map(Text, cells), Text(point.grade, style=STYLES.get(point.grade, ""))]


def remarks(point: PointSummary, most_useful: float) -> list[str]:
    """What weakens or explains a point's numbers, in phrases."""
    found = []
    if point.point.workers > most_useful:
        found.append("more workers than CPUs")
    if point.accepted == 0:
        found.append(f"none of {counted(point.rejected, 'window')} counts: {_start(point.rejections[0])}")
    elif point.rejected:
        found.append(f"{counted(point.rejected, 'window')} rejected")
    found += [_start(doubt) for doubt in point.doubts[:2]]
    if len(point.doubts) > 2:
        found.append(f"{len(point.doubts) - 2} more doubts")
    if point.startup_s and point.startup_s >= 0.01:
        found.append(f"start-up {seconds(point.startup_s)}")
    if point.memory_pss_bytes:
        found.append(size(point.memory_pss_bytes))
    return found


def _start(sentence: str) -> str:
    """The detector's name, or the whole of a sentence without one."""
    return sentence.partition(":")[0].rstrip(".") if ":" in sentence[:30] else sentence.rstrip(".")
