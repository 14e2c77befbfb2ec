"""A hatched area from some number of workers on: Vega has no patterns, so it is drawn line by line."""

from app.charts.theme import Spec, Theme

APART_PX = 9
LINES = 260  # enough for a plot of 2,000 pixels


def hatched(theme: Theme, from_workers: float, to_workers: float) -> Spec:
    """Diagonals over the whole height; each begins at the left edge of the area or on the floor, as it comes."""
    left, right = f"scale('x', {from_workers:g})", f"scale('x', {to_workers:g})"
    foot = f"({left} - height + datum.line * {APART_PX})"  # where the line meets the floor
    begin, end = (f"clamp({edge}, {left}, {right})" for edge in (foot, f"{foot} + height"))
    place = {"x": begin, "x2": end, "y": f"height - {begin} + {foot}", "y2": f"height - {end} + {foot}"}
    is_in = {"condition": {"test": f"{foot} < {right}", "value": 0.25}, "value": 0}
    return {
        "data": {"sequence": {"start": 0, "stop": LINES, "as": "line"}},
        "mark": {"type": "rule", "clip": True, "aria": False, "color": theme.ground.muted, "strokeWidth": 0.75},
        "encoding": {channel: {"value": {"expr": place[channel]}} for channel in place} | {"opacity": is_in},
    }
