"""A chart of characters: speed-up over workers, one marker per curve."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

LOG_FROM = 5.0  # times between least and most speed-up; above it an even scale would flatten the slow curves
PLAIN_TICKS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True)
class Glyphs:
    """The characters to draw with."""

    markers: str
    several: str  # where curves meet
    path: str
    ideal: str
    limit: str
    axis: str
    corner: str
    floor: str


UNICODE = Glyphs("●▲■◆▼○△□◇▽★☆", "◎", "·", "╱", "┊", "┤", "└", "─")  # noqa: RUF001 - it is no slash
ASCII = Glyphs("ox+#@%$abcdef", "&", ".", "/", "|", "|", "+", "-")


@dataclass(frozen=True)
class Series:
    """One curve: its name, and workers -> speed-up."""

    name: str
    speedups: Mapping[int, float]


def draw(series: Sequence[Series], cpus: float, glyphs: Glyphs, width: int = 64, height: int = 12) -> list[str]:
    """Lines of text, the legend last; none when there is nothing to draw.

    Workers run on a logarithmic axis; speed-ups too when they span more than five times.
    """
    drawn = [one for one in series if one.speedups]
    if not drawn:
        return []
    canvas = _Canvas(drawn, cpus, width, height)
    canvas.guides(glyphs)
    for index, one in enumerate(drawn):
        canvas.path(one, glyphs.path)
        canvas.mark(one, glyphs.markers[index % len(glyphs.markers)], glyphs)
    return [*canvas.lines(glyphs), *_legend(drawn, canvas, cpus, glyphs)]


class _Canvas:
    """Characters by column and row, and the scales that place them."""

    def __init__(self, series: Sequence[Series], cpus: float, width: int, height: int) -> None:
        values = [value for one in series for value in one.speedups.values()]
        self.counts = sorted({workers for one in series for workers in one.speedups})
        self.width, self.height, self.cpus = width, height, cpus
        self.is_log = max(values) / min(values) > LOG_FROM
        self.low = min(1.0, *values) * 0.9 if self.is_log else 0.0
        self.high = max(1.0, *values) * 1.1
        self.cells: dict[tuple[int, int], str] = {}
        self.marked: set[tuple[int, int]] = set()

    def column(self, workers: float) -> int:
        most = math.log2(self.counts[-1] / self.counts[0])
        if most == 0:
            return self.width // 2
        return 2 + round(math.log2(workers / self.counts[0]) / most * (self.width - 5))

    def row(self, value: float) -> int:
        """0 is the top."""
        if self.is_log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round((1 - share) * (self.height - 1))

    def guides(self, glyphs: Glyphs) -> None:
        """The ideal, one times the workers, and the number of usable CPUs."""
        if self.counts[0] <= self.cpus < self.counts[-1]:
            for row in range(self.height):
                self.cells[self.column(self.cpus), row] = glyphs.limit
        if len(self.counts) > 1:
            steps = range(self.width * 2)
            reach = math.log2(self.counts[-1] / self.counts[0])
            for step in steps:
                workers = self.counts[0] * 2 ** (reach * step / (self.width * 2))
                if self.low <= workers <= self.high:
                    self.cells[self.column(workers), self.row(workers)] = glyphs.ideal

    def path(self, one: Series, glyph: str) -> None:
        """Dots between neighbouring points, straight on the paper."""
        corners = [(self.column(workers), self.row(value)) for workers, value in sorted(one.speedups.items())]
        for (left, top), (right, bottom) in pairwise(corners):
            for column in range(left + 1, right):
                row = round(top + (bottom - top) * (column - left) / (right - left))
                if (column, row) not in self.marked:
                    self.cells[column, row] = glyph

    def mark(self, one: Series, marker: str, glyphs: Glyphs) -> None:
        for workers, value in one.speedups.items():
            place = self.column(workers), self.row(value)
            self.cells[place] = glyphs.several if place in self.marked else marker
            self.marked.add(place)

    def lines(self, glyphs: Glyphs) -> list[str]:
        labels = self._labels()
        text = []
        for row in range(self.height):
            cells = "".join(self.cells.get((column, row), " ") for column in range(self.width)).rstrip()
            text.append(f"{labels.get(row, ''):>7} {glyphs.axis}{cells}")
        text.append(f"{'':>7} {glyphs.corner}{glyphs.floor * self.width}")
        text.append(f"{'':>8} {self._worker_labels()}".rstrip())
        return text

    def _labels(self) -> dict[int, str]:
        """Row -> label, at least two rows apart."""
        decade: float = 10 ** math.floor(math.log10(self.high))
        step = decade / 2 if self.high < 4 * decade else decade
        even = [index * step for index in range(int(self.high / step) + 1)]
        ticks = PLAIN_TICKS if self.is_log else even
        found: dict[int, str] = {}
        for tick in ticks:
            if self.low <= tick <= self.high and not {self.row(tick) + shift for shift in (-1, 0, 1)} & found.keys():
                found[self.row(tick)] = f"{tick:g}x"
        return found

    def _worker_labels(self) -> str:
        line = ""
        for workers in self.counts:
            place = self.column(workers) - len(str(workers)) // 2
            if place >= len(line) + (1 if line else 0):
                line = line.ljust(place) + str(workers)
        return line + "  workers"


def _legend(series: Sequence[Series], canvas: _Canvas, cpus: float, glyphs: Glyphs) -> list[str]:
    lines = []
    for index, one in enumerate(series):
        workers, value = max(one.speedups.items(), key=lambda item: item[1])
        lines.append(f"{'':>9}{glyphs.markers[index % len(glyphs.markers)]} {one.name}: {value:.3g}x at {workers}")
    if any(mark == glyphs.several for mark in canvas.cells.values()):
        lines.append(f"{'':>9}{glyphs.several} several curves")
    if any(mark == glyphs.ideal for mark in canvas.cells.values()):
        lines.append(f"{'':>9}{glyphs.ideal} one times the workers")
    if any(mark == glyphs.limit for mark in canvas.cells.values()):
        lines.append(f"{'':>9}{glyphs.limit} usable CPUs: {cpus:g}")
    return lines
