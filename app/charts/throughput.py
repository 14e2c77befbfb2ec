"""Throughput over time: one area, or one above the other for each node."""

from app.charts.theme import Frame, Spec, Theme, framed
from tasks.throughput import Throughput

HEIGHT = 200
UNITS = ((2.0, 1.0, "seconds"), (64.0, 60.0, "minutes"), (2048.0, 3600.0, "hours"))  # bins up to that width: the unit
BINS, POINTER = "bins", "pointer"  # data sets that the page changes while it looks on


def throughput(found: Throughput, theme: Theme, frame: Frame | None = None) -> Spec:
    """Its data set `bins` may be replaced by rows of the same form; `pointer` holds the bin that is looked at."""
    unit_s, unit = next(((each, name) for upto, each, name in UNITS if found.bin_s <= upto), (86400.0, "days"))
    colours = [*theme.series[: len(found.nodes)]]
    time = {
        "field": "at", "type": "quantitative", "title": f"{unit} since the start",
        "scale": {"zero": True, "nice": False}, "axis": {"grid": False, "tickCount": 6},
    }  # fmt: skip
    rate = {"field": "per_s", "type": "quantitative", "stack": "zero", "title": "items per second",
            "axis": {"tickCount": 4, "format": "~s"}}  # fmt: skip
    node = {"field": "node", "type": "nominal", "scale": {"domain": [*found.nodes], "range": colours},
            "legend": {"columns": 3, "labelLimit": 180} if frame and len(found.nodes) > 1 else None}  # fmt: skip
    area: Spec = {
        "mark": {"type": "area", "interpolate": "monotone", "fillOpacity": 0.85, "stroke": theme.ground.ground,
                 "strokeWidth": 1 if len(found.nodes) > 1 else 0},
        "encoding": {"x": time, "y": rate, "color": node, "order": {"field": "place", "type": "quantitative"}},
    }  # fmt: skip
    if len(found.rates) == 1:  # an area of one point has no width
        area["mark"] = {"type": "bar", "fillOpacity": 0.85}
        area["encoding"] |= {"x": time | {"field": "from"}, "x2": {"field": "to"}}
    pointer = {
        "data": {"name": POINTER, "values": [{"from_s": 0, "to_s": 0, "is_hidden": True}]},
        "transform": [middle(unit_s)],
        "mark": {"type": "rule", "color": theme.ground.ink, "strokeDash": [3, 3]},
        "encoding": {
            "x": {"field": "at", "type": "quantitative"},
            "opacity": {"condition": {"test": "datum.is_hidden", "value": 0}, "value": 1},
        },
    }
    spec: Spec = {
        "usermeta": {"unit_s": unit_s}, "description": described(found), "data": {"name": BINS, "values": rows(found)},
        "transform": [middle(unit_s), *ends(unit_s)], "layer": [area] if frame else [area, pointer],
    }  # fmt: skip
    return framed(spec, theme, frame, HEIGHT if frame is None else 280)


def middle(unit_s: float) -> Spec:
    return {"calculate": f"(datum.from_s + datum.to_s) / {2 * unit_s:g}", "as": "at"}


def ends(unit_s: float) -> list[Spec]:
    return [{"calculate": f"datum.{name}_s / {unit_s:g}", "as": name} for name in ("from", "to")]


def rows(found: Throughput) -> list[Spec]:
    """A row per bin and node; the table beneath the chart shows the same numbers."""
    return [
        {"from_s": found.span(row)[0], "to_s": found.span(row)[1], "node": node, "place": place, "per_s": rate}
        for row, rates in enumerate(found.rates)
        for place, (node, rate) in enumerate(zip(found.nodes, rates, strict=True))
    ]


def described(found: Throughput) -> str:
    if not found.rates:
        return "Throughput over time: nothing is done yet."
    totals = found.totals
    return (
        f"Throughput over {found.ends_s:.3g} seconds: "
        f"between {min(totals):.3g} and {max(totals):.3g} items per second, {by_how_many(len(found.nodes))}."
    )


def by_how_many(nodes: int) -> str:
    return "by one node" if nodes == 1 else f"by {nodes} nodes together"
