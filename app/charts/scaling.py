"""How a sweep scales: speed-up, efficiency, throughput or time over workers, one line for each curve."""

from collections.abc import Collection, Sequence

from app.charts.beside import set_beside
from app.charts.curves import Drawn, curves_of, legend
from app.charts.end_labels import IS_BROAD, LEAST_WIDTH_PX, end_layers, room_px
from app.charts.measures import measure_of
from app.charts.rows import lost_rows, nodes_of, point_rows, reach_of
from app.charts.scaling_layers import QUANTITATIVE, Drawing, ends, grounds, lines, marks, nothing, pointer
from app.charts.scaling_notes import notes
from app.charts.span import span_of
from app.charts.theme import Frame, Spec, Theme, framed, layered
from dynometer.report.report import Report
from dynometer.summary.facts import most_useful_workers

HEIGHT, FRAMED_HEIGHT, FRAMED_WIDTH = 300, 340, 720
LEFT_PX, RIGHT_PX = 22, 18
FLOOR_PX = 22  # for crosses
PARTS = ("ideal", "bands", "points")
LEGEND: Spec = {"columns": 1, "symbolOpacity": 1, "symbolStrokeWidth": 2, "symbolSize": 60, "offset": 40,
                "labelLimit": 260}  # fmt: skip


def scaling(
    report: Report, theme: Theme, frame: Frame | None = None, *, y: str = "speedup", axis: str = "auto",
    hidden: Collection[str] = (), parts: Collection[str] = PARTS, width: int | None = None,
) -> Spec:  # fmt: skip
    """`axis` is log, linear (from zero) or auto; `hidden` and the rest are keys of curves; `width` is for pictures.

    Its data sets: `points` (each row's `label` says it in words), `laws`, `lost`, and on a page `pointer`, rows of
    `points` that are looked at.  `usermeta` tells what a page says around it: legend, notes, axis.
    """
    wide = width or (FRAMED_WIDTH if frame else None)
    look = LEGEND if wide is not None and wide < LEAST_WIDTH_PX else None
    shown = drawing_of(report, theme, y, axis, hidden, FRAMED_HEIGHT if frame else HEIGHT, look)
    layers = [*grounds(shown, parts), *lines(shown, parts), *marks(shown, parts)]
    layers += [] if look else end_layers(ends(shown), theme, shown.colour, shown.shape)
    layers += [] if frame else [pointer(theme)]
    layers += [] if any(shown.points) else [nothing(theme)]
    spec: Spec = {
        "usermeta": {"y": y, "axis": "log" if shown.span.is_log else "linear", "curves": legend(report, hidden),
                     "notes": list(notes(report, shown.curves, y))},
        "description": described(shown), **layered(layers),
        "encoding": {"x": x_axis(shown), "y": y_axis(shown)},
    }  # fmt: skip
    return framed(spec | ({"width": wide} if wide else {}), theme, frame, shown.height)


def drawing_of(report: Report, theme: Theme, y: str, axis: str, hidden: Collection[str], height: int,
               look: Spec | None) -> Drawing:  # fmt: skip
    measure, facts = measure_of(report, y), report.summary.facts
    curves = tuple(curve for curve in curves_of(report, hidden)
                   if curve.is_shown and not (y == "efficiency" and curve.is_single))  # fmt: skip
    nodes = nodes_of(report.result.trials)
    points = tuple(tuple(point_rows(curve, measure, nodes)) for curve in curves)
    rows = [row for each in points for row in each]
    lost = tuple(lost_rows([curve for curve in curves_of(report, hidden) if curve.key not in hidden]))
    counts = tuple(sorted({row["workers"] for row in (*rows, *lost)})) or (report.result.plan.baseline.workers,)
    ends = extent(report, curves, counts)
    ideal = [measure.ideal(float(count)) for count in (*counts, *ends[:2])] if measure.ideal else []
    bounds = [row[name] for row in rows for name in ("low", "high") if row[name] is not None]
    span = span_of([row["value"] for row in rows], bounds, ideal, axis)
    span = span.with_room(FLOOR_PX / height) if lost else span
    set_beside(points, span, height)
    return Drawing(
        theme, measure, curves, points, lost, span, counts, *ends, facts.cpus_usable,
        most_useful_workers(facts.cpus_usable, facts.observables), height, look,
    )  # fmt: skip


def extent(report: Report, curves: Sequence[Drawn], counts: Sequence[int]) -> tuple[int, int, float]:
    """First, last and reach of the x axis: the plan's until the sweep has ended, so that they stay where they are."""
    if report.result.state != "stopped":
        return counts[0], counts[-1], reach_of(curves, counts[-1])
    keys = {(curve.model, curve.variant) for curve in curves}
    planned = [point.workers for point in report.result.plan.points if (point.model, point.variant) in keys]
    first, last = min((*counts, *planned)), max((*counts, *planned))
    return first, last, float(last)


def x_axis(shown: Drawing) -> Spec:
    """Logarithmic, with ticks at measured numbers of workers alone; the names stand to its right."""
    room = RIGHT_PX if shown.look else room_px([curve.short for curve in shown.curves])
    right = f"width - ({IS_BROAD} ? {room:.0f} : {RIGHT_PX})"
    least, most = (shown.first, shown.reach) if shown.first < shown.reach else (shown.first / 2, shown.first * 2)
    scale = {"type": "log", "base": 2, "domain": [least, most], "range": [LEFT_PX, {"expr": right}], "nice": False}
    axis = {"values": list(shown.counts), "grid": False, "labelOverlap": "greedy", "labelFlush": False,
            "labelSeparation": 5, "format": "d"}  # fmt: skip
    return {"field": "workers", **QUANTITATIVE, "title": "workers (log scale)", "scale": scale, "axis": axis}


def y_axis(shown: Drawing) -> Spec:
    measure, span = shown.measure, shown.span
    title = f"{measure.title} (log scale)" if span.is_log else measure.title
    axis: Spec = {"labelExpr": measure.tick, "titleAlign": "left", "titleAngle": 0, "titleAnchor": "end", "titleX": 0,
                  "titleY": -20}  # fmt: skip
    axis |= {"values": span.ticks()} if span.is_log else {"tickCount": 5}
    return {"field": "value", **QUANTITATIVE, "title": title, "scale": span.scale(), "axis": axis}


def described(shown: Drawing) -> str:
    """What is drawn, for whoever can't see it: the table has the numbers."""
    best = [max(points, key=lambda row: row["workers"])["label"] for points in shown.points if points]
    many = f"{shown.measure.title} over {', '.join(map(str, shown.counts))} workers"
    return f"{many}. At the most workers: {'; '.join(best)}." if best else f"{many}: nothing is measured yet."
