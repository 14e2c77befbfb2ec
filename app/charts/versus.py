"""Two sweeps on one chart: A hollow, B filled, one colour for each curve that both have."""

from collections.abc import Iterator, Sequence

from app.charts.beside import set_beside
from app.charts.end_labels import IS_BROAD, LEAST_WIDTH_PX, end_layers, end_rows, room_px
from app.charts.rows import is_bare
from app.charts.scaling_layers import QUANTITATIVE, pointer
from app.charts.span import span_of
from app.charts.theme import Frame, Spec, Theme, framed, layered
from app.palette import SERIES
from dynometer.compare.as_text import percents
from dynometer.compare.changes import Change, Comparison, Evidence
from dynometer.wording import counted, figure, interval

HEIGHT, FRAMED_WIDTH = 300, 720
LEFT_PX, RIGHT_PX = 26, 22
MOST = len(SERIES)  # curves
LEGEND = {"columns": 1, "symbolOpacity": 1, "symbolSize": 60, "offset": 34, "labelLimit": 260}
TOLD = (Evidence.FASTER, Evidence.SLOWER)


def versus(
    comparison: Comparison, theme: Theme, frame: Frame | None = None, *, axis: str = "auto", width: int | None = None,
) -> Spec:  # fmt: skip
    """Throughput over workers; what B changed for certain stands beside its mark.  `axis` is log, linear or auto.

    The rows of its data set `points` have a `label` each.
    """
    curves = curves_of(comparison)
    shown = curves[:MOST]
    changes = [change for change in comparison.changes if name_of(change) in shown]
    points = [list(rows_of([change for change in changes if name_of(change) == name])) for name in shown]
    rows = [row for each in points for row in each]
    bounds = [row[name] for row in rows for name in ("low", "high") if row[name] is not None]
    span = span_of([row["value"] for row in rows], bounds, [], axis)
    set_beside(points, span, HEIGHT)
    wide = width or (FRAMED_WIDTH if frame else None)
    look = LEGEND if wide is not None and wide < LEAST_WIDTH_PX else None
    colour, shape = scales(shown, theme, look)
    ends = end_rows([[row for row in each if row["side"] == "B"] for each in points], shown, span, HEIGHT)
    layers = [*marks(rows, theme, colour, shape), *([] if look else end_layers(ends, theme, colour, shape))]
    layers += [] if frame else [pointer(theme)]
    counts = sorted({row["workers"] for row in rows}) or [1]
    title = f"items per second{' (log scale)' if span.is_log else ''}: hollow is A, filled is B"
    y_axis = {"titleAlign": "left", "titleAngle": 0, "titleAnchor": "end", "titleX": 0, "titleY": -14, "format": "~s"}
    y_axis |= {"values": span.ticks()} if span.is_log else {"tickCount": 5}
    left_out = [f"{counted(len(curves) - MOST, 'more curve')} in the table."] if len(curves) > MOST else []
    spec: Spec = {
        "usermeta": {"axis": "log" if span.is_log else "linear", "notes": left_out},
        "description": "Throughput of A and B: " + "; ".join(row["label"] for row in rows if row["side"] == "B") + ".",
        **layered(layers),
        "encoding": {"x": x_axis(counts, shown, look is None),
                     "y": {"field": "value", **QUANTITATIVE, "title": title, "scale": span.scale(), "axis": y_axis}},
    }  # fmt: skip
    return framed(spec | ({"width": wide} if wide else {}), theme, frame, HEIGHT)


def curves_of(comparison: Comparison) -> list[str]:
    return list(dict.fromkeys(name_of(change) for change in comparison.changes))


def name_of(change: Change) -> str:
    return f"{change.point.model} ({change.point.variant})"


def rows_of(changes: Sequence[Change]) -> Iterator[Spec]:
    """Two for each change: A's, then B's, which says how it differs."""
    for change in changes:
        for side, estimate in (("A", change.a_per_s), ("B", change.b_per_s)):
            known = {"low": None, "high": None} if is_bare(estimate) else {"low": estimate.low, "high": estimate.high}
            name, workers = name_of(change), change.point.workers
            said = f"{figure(estimate.value)} items/s, {interval(estimate, figure)}"
            told = f"; {change.ratio.value - 1:+.1%} ({percents(change.ratio)}), {change.evidence}"
            yield {
                "curve": name, "workers": workers, "value": estimate.value, **known, "side": side,
                "line": f"{name} {side}",
                "change": f"{change.ratio.value - 1:+.0%}" if side == "B" and change.evidence in TOLD else "",
                "label": f"{side}, {name} with {counted(workers, 'worker')}: {said}{told if side == 'B' else ''}",
            }  # fmt: skip


def scales(shown: Sequence[str], theme: Theme, look: Spec | None) -> tuple[Spec, Spec]:
    """Of colours and of marks."""
    base = {"field": "curve", "type": "nominal", "legend": look}
    many = range(len(shown))
    colour = base | {"scale": {"domain": list(shown), "range": [theme.series[place] for place in many]}}
    return colour, base | {"scale": {"domain": list(shown), "range": [SERIES[place].marker for place in many]}}


def x_axis(counts: Sequence[int], names: Sequence[str], has_ends: bool) -> Spec:
    room = room_px(names) if has_ends else RIGHT_PX
    edge = {"expr": f"width - ({IS_BROAD} ? {room:.0f} : {RIGHT_PX})"}
    ends = [counts[0], counts[-1]] if len(counts) > 1 else [counts[0] / 2, counts[0] * 2]
    scale = {"type": "log", "base": 2, "domain": ends, "range": [LEFT_PX, edge], "nice": False}
    axis = {"values": list(counts), "grid": False, "labelOverlap": "greedy", "labelSeparation": 5, "format": "d"}
    return {"field": "workers", **QUANTITATIVE, "title": "workers (log scale)", "scale": scale, "axis": axis}


def marks(rows: Sequence[Spec], theme: Theme, colour: Spec, shape: Spec) -> list[Spec]:
    """Lines from point to point, A's dashed; whiskers; marks; what changed."""
    data, beside = {"name": "points", "values": list(rows)}, {"xOffset": {"expr": "datum.beside_px"}}
    hollow = {"condition": {"test": "datum.side == 'A'", "value": theme.ground.ground}, **colour}
    is_up = "substring(datum.change, 0, 1) == '+'"
    layers: list[Spec] = [
        {"data": data, "transform": [{"filter": f"datum.side == '{side}'"}],
         "mark": {"type": "line", "aria": False, "strokeWidth": 1.25, "opacity": 0.8, "strokeDash": dash},
         "encoding": {"color": colour, "detail": {"field": "line"}}}
        for side, dash in (("A", [3, 3]), ("B", [1, 0]))
    ]  # fmt: skip
    layers += [
        {"data": data, "transform": [{"filter": "isValid(datum.low)"}],
         "mark": {"type": "rule", "clip": True, "aria": False, "strokeWidth": 1.5, **beside},
         "encoding": {"y": {"field": "low", **QUANTITATIVE}, "y2": {"field": "high"}, "color": colour}},
        {"data": data, "mark": {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 1, **beside},
         "encoding": {"stroke": colour, "fill": hollow, "shape": shape, "description": {"field": "label"}}},
        {"data": data, "transform": [{"filter": "datum.change"}],
         "mark": {"type": "text", "aria": False, "align": "right", "dx": -8, "dy": {"expr": f"{is_up} ? -12 : 13"},
                  "fontSize": 12, "fontWeight": 600, "color": theme.ground.ink, **beside},
         "encoding": {"text": {"field": "change"}}},
    ]  # fmt: skip
    return layers
