"""What all charts share: colours, type, and the frame of one that leaves the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app import palette
from app.palette import SERIES, Ground

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Spec = dict[str, Any]
PADDING = {"left": 0, "top": 0, "right": 0, "bottom": 4}  # of a chart on a page: a title's tails need it


@dataclass(frozen=True)
class Theme:
    """Light or dark."""

    name: str
    ground: Ground
    series: tuple[str, ...]


LIGHT = Theme("light", palette.LIGHT, tuple(each.light for each in SERIES))
DARK = Theme("dark", palette.DARK, tuple(each.dark for each in SERIES))


@dataclass(frozen=True)
class Frame:
    """What a chart must say for itself when no page is around it."""

    title: str
    subtitle: str
    source: str


def theme_named(name: str) -> Theme:
    """Light unless it is dark."""
    return DARK if name == DARK.name else LIGHT


def framed(spec: Spec, theme: Theme, frame: Frame | None, height: int | Spec) -> Spec:
    """`spec` with the schema and the theme: as wide as its place on the page, or with a frame of its own."""
    ground = theme.ground
    if frame is None:
        around: Spec = {"width": "container", "background": "transparent", "padding": PADDING}
    else:
        around = {"width": 720, "background": ground.ground, "padding": 24, "title": title(theme, frame)}
    fits = {"type": "fit-x" if frame is None else "pad", "contains": "padding"}
    return {"$schema": SCHEMA, "height": height, "autosize": fits, **around, **spec, "config": config(theme)}


def layered(layers: Sequence[Spec]) -> Spec:
    """`layers`, with the rows that have a name beside them: several layers share them, and `view.data` knows them."""
    shared = {"name", "values"}
    rows = {data["name"]: data["values"] for layer in layers if shared <= (data := layer.get("data", {})).keys()}
    named = [layer | {"data": {"name": layer["data"]["name"]}} if shared <= layer.get("data", {}).keys() else layer
             for layer in layers]  # fmt: skip
    return {"datasets": rows, "layer": named}


def title(theme: Theme, frame: Frame) -> Spec:
    return {
        "text": frame.title, "subtitle": [frame.subtitle, frame.source], "anchor": "start", "fontSize": 17,
        "fontWeight": 600, "color": theme.ground.ink, "subtitleColor": theme.ground.muted, "subtitleFontSize": 12,
        "subtitlePadding": 6, "offset": 16, "limit": 760,
    }  # fmt: skip


def config(theme: Theme) -> Spec:
    ground = theme.ground
    axis = {
        "labelColor": ground.muted, "titleColor": ground.muted, "gridColor": ground.grid, "domain": False,
        "ticks": False, "labelPadding": 6, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    }  # fmt: skip
    legend = {"labelColor": ground.ink, "labelFontSize": 12, "orient": "top", "title": None, "symbolType": "square"}
    return {
        "font": "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
        "view": {"stroke": None}, "axis": axis, "legend": legend,
    }  # fmt: skip
