"""The colours of charts: base.css holds the same ones for browsers, and a test keeps both equal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """How one line of a chart looks: told apart by colour, by mark and by dash, so that one of them is enough."""

    token: str  # the CSS variable
    light: str
    dark: str
    marker: str  # as Vega names it
    dash: tuple[int, ...] = ()  # empty: drawn through


SERIES = (
    Series("--series-1", "#0b6a80", "#57c3da", "circle"),
    Series("--series-2", "#cb7128", "#e8853a", "square", (6, 3)),
    Series("--series-3", "#28237f", "#6a78e6", "triangle-up", (2, 2)),
    Series("--series-4", "#721040", "#fbdcec", "diamond", (8, 3, 2, 3)),
    Series("--series-5", "#7b83ee", "#2f8a72", "cross", (10, 4)),
    Series("--series-6", "#625d12", "#f0dc5a", "triangle-down", (4, 2, 1, 2)),
)


@dataclass(frozen=True)
class Ground:
    """What a chart stands on, and what is written on it."""

    ground: str
    ink: str
    muted: str
    grid: str


LIGHT = Ground("#ffffff", "#17212b", "#55626f", "#e3e7eb")
DARK = Ground("#161e25", "#e6ecf1", "#9dabb8", "#2a3641")
