"""What share of a job's items each node did, beside the share of an even split."""

from collections.abc import Sequence

from app.charts.theme import Frame, Spec, Theme, framed
from tasks.progress import Share

MOST = 20  # bars; the table has all nodes


def shares(found: Sequence[Share], theme: Theme, frame: Frame | None = None) -> Spec:
    """Bars in the order of the table; the line marks what an even split would have given each."""
    bars = rows(found)
    node = {"field": "node", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}}
    items = {"field": "items", "type": "quantitative", "title": "items", "axis": {"tickCount": 4, "format": "~s"}}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": theme.series[0], "cornerRadiusEnd": 3, "height": {"band": 0.6}},
         "encoding": {"y": node, "x": items}},
        {"mark": {"type": "text", "align": "left", "dx": 6, "color": theme.ground.ink},
         "encoding": {"y": node, "x": items, "text": {"field": "share"}}},
    ]  # fmt: skip
    if 1 < len(found) <= MOST:
        even = {"datum": sum(share.items_done for share in found) / len(found), "type": "quantitative"}
        rule = {"type": "rule", "color": theme.ground.muted, "strokeDash": [4, 3]}
        layers.append({"mark": rule, "encoding": {"x": even}})
    spec: Spec = {
        "description": "Items done by each node: " + ", ".join(f"{bar['node']} {bar['share']}" for bar in bars) + ".",
        "data": {"name": "nodes", "values": bars}, "layer": layers,
    }  # fmt: skip
    return framed(spec, theme, frame, {"step": 28})


def rows(found: Sequence[Share]) -> list[Spec]:
    """The largest, when there are too many for a chart, and what all others did together."""
    whole = sum(share.items_done for share in found) or 1
    drawn = list(found)
    others: list[tuple[str, int]] = []
    if len(drawn) > MOST:
        large = sorted(found, key=lambda share: -share.items_done)[: MOST - 1]
        drawn = [share for share in found if share in large]
        others = [(f"{len(found) - len(drawn)} others", whole - sum(share.items_done for share in drawn))]
    return [
        {"node": node, "items": items, "share": f"{100 * items / whole:.1f} %"}
        for node, items in [*((share.node, share.items_done) for share in drawn), *others]
    ]
