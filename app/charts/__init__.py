"""Charts as Vega-Lite specs, made by pure functions: the page, the exports and the command line draw the same spec."""

from app.charts.lanes import lanes
from app.charts.scaling import scaling
from app.charts.shares import shares
from app.charts.theme import DARK, LIGHT, Frame, Spec, Theme, theme_named
from app.charts.throughput import throughput
from app.charts.versus import versus

__all__ = [
    "DARK", "LIGHT", "Frame", "Spec", "Theme", "lanes", "scaling", "shares", "theme_named", "throughput", "versus",
]  # fmt: skip
