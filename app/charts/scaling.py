"""How a sweep scales: speed-up, efficiency, throughput or time over workers, one line for each curve."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.charts.curves import Drawn, curves_of, legend
from app.charts.end_labels import IS_BROAD, LEAST_WIDTH_PX, end_layers, end_rows, room_px
from app.charts.hatching import hatched
from app.charts.measures import Measure, measure_of
from app.charts.rows import law_rows, lost_rows, nodes_of, path_rows, point_rows, reach_of
from app.charts.scaling_notes import notes
from app.charts.span import Span, span_of
from app.charts.theme import Frame, Spec, Theme, framed
from app.palette import SERIES
from dynometer.report.report import Report
from dynometer.summary.facts import most_useful_workers
from dynometer.wording import counted

HEIGHT, FRAMED_HEIGHT, FRAMED_WIDTH = 300, 340, 720
LEFT_PX, RIGHT_PX = 16, 14
PARTS = ("ideal", "bands", "points")
QUANTITATIVE = {"type": "quantitative"}


@dataclass(frozen=True)
class Drawing:
    """Everything the layers share."""

    theme: Theme
    measure: Measure
    curves: tuple[Drawn, ...]
    points: tuple[tuple[Spec, ...], ...]  # of each curve
    span: Span
    counts: tuple[int, ...]  # workers
    reach: float  # of the x axis
    cpus: float
    most_useful: float  # workers; more oversubscribe
    height: int

    @property
    def colour(self) -> Spec:
        return self._by_curve([self.theme.series[curve.series] for curve in self.curves])

    @property
    def shape(self) -> Spec:
        return self._by_curve([SERIES[curve.series].marker for curve in self.curves])

    @property
    def dash(self) -> Spec:
        return self._by_curve([list(SERIES[curve.series].dash) or [1, 0] for curve in self.curves])

    def _by_curve(self, looks: Sequence[object]) -> Spec:
        domain = [curve.name for curve in self.curves]
        return {"field": "curve", "type": "nominal", "scale": {"domain": domain, "range": list(looks)}, "legend": None}


def scaling(
    report: Report, theme: Theme, frame: Frame | None = None, *, y: str = "speedup", axis: str = "auto",
    hidden: Collection[str] = (), parts: Collection[str] = PARTS, width: int | None = None,
) -> Spec:  # fmt: skip
    """`axis` is log, linear (from zero) or auto; `hidden` and the rest are keys of curves; `width` is for pictures.

    Its data sets: `points` (each row's `label` says it in words), `laws`, `lost`, and on a page `pointer`, rows of
    `points` that are looked at.  `usermeta` tells what a page says around it: legend, notes, axis.
    """
    shown = drawing_of(report, theme, y, axis, hidden, FRAMED_HEIGHT if frame else HEIGHT)
    wide = width or (FRAMED_WIDTH if frame else None)
    has_legend = wide is not None and wide < LEAST_WIDTH_PX
    layers = [*grounds(shown, parts), *lines(shown, parts), *marks(shown, parts, has_legend)]
    layers += [] if has_legend else end_layers(ends(shown), theme, shown.colour, shown.shape)
    layers += [] if frame else [pointer(theme)]
    spec: Spec = {
        "usermeta": {"y": y, "axis": "log" if shown.span.is_log else "linear", "curves": legend(report, hidden),
                     "notes": list(notes(report, shown.curves, y))},
        "description": described(shown), "layer": layers,
        "encoding": {"x": x_axis(shown, has_legend), "y": y_axis(shown)},
    }  # fmt: skip
    return framed(spec | ({"width": wide} if wide else {}), theme, frame, shown.height)


def drawing_of(report: Report, theme: Theme, y: str, axis: str, hidden: Collection[str], height: int) -> Drawing:
    measure, facts = measure_of(report, y), report.summary.facts
    curves = tuple(curve for curve in curves_of(report, hidden)
                   if curve.is_shown and not (y == "efficiency" and curve.is_single))  # fmt: skip
    nodes = nodes_of(report.result.trials)
    points = tuple(tuple(point_rows(curve, measure, nodes)) for curve in curves)
    rows = [row for each in points for row in each]
    lost = [row["workers"] for row in lost_rows(curves)]
    counts = tuple(sorted({row["workers"] for row in rows} | set(lost))) or (1,)
    ideal = [measure.ideal(float(count)) for count in counts] if measure.ideal else []
    bounds = [row[name] for row in rows for name in ("low", "high") if row[name] is not None]
    span = span_of([row["value"] for row in rows], bounds, ideal, axis)
    return Drawing(theme, measure, curves, points, span, counts, reach_of(curves, counts[-1]), facts.cpus_usable,
                   most_useful_workers(facts.cpus_usable, facts.observables), height)  # fmt: skip


def x_axis(shown: Drawing, has_legend: bool) -> Spec:
    """Logarithmic, with ticks at measured numbers of workers alone; the names stand to its right."""
    room = RIGHT_PX if has_legend else room_px([curve.short for curve in shown.curves])
    right = f"width - ({IS_BROAD} ? {room:.0f} : {RIGHT_PX})"
    least, most = (0.5, 2.0) if shown.counts[0] == shown.reach else (shown.counts[0], shown.reach)
    scale = {"type": "log", "base": 2, "domain": [least, most], "range": [LEFT_PX, {"expr": right}], "nice": False}
    axis = {"values": list(shown.counts), "grid": False, "labelOverlap": "greedy", "labelFlush": False, "format": "d"}
    return {"field": "workers", **QUANTITATIVE, "title": "workers (log₂)", "scale": scale, "axis": axis}


def y_axis(shown: Drawing) -> Spec:
    measure, span = shown.measure, shown.span
    title = f"{measure.title} (log scale)" if span.is_log else measure.title
    axis: Spec = {"format": measure.format, "titleAlign": "left", "titleAngle": 0, "titleAnchor": "end", "titleX": 0,
                  "titleY": -22, "labelExpr": f"datum.label + '{measure.suffix}'"}  # fmt: skip
    axis |= {"values": span.ticks()} if span.is_log else {"tickCount": 5}
    return {"field": "value", **QUANTITATIVE, "title": title, "scale": span.scale(), "axis": axis}


def grounds(shown: Drawing, parts: Collection[str]) -> list[Spec]:
    """What lies behind the lines: the hatched area, the limit of the CPUs, the ideal."""
    ground, first, last = shown.theme.ground, shown.counts[0], shown.counts[-1]
    layers = []
    doubtful_from = min(shown.most_useful, last)
    if doubtful_from < shown.reach:
        layers.append(hatched(shown.theme, max(first, doubtful_from), shown.reach))
    if first <= shown.cpus <= shown.reach and len(shown.counts) > 1:
        layers += limit(shown)
    if "ideal" in parts and shown.measure.ideal and len(shown.counts) > 1:
        steps = sorted({first * (shown.reach / first) ** (step / 24) for step in range(25)})
        values = [{"workers": step, "value": shown.measure.ideal(step)} for step in steps]
        layers.append({"data": {"name": "ideal", "values": values},
                       "mark": {"type": "line", "clip": True, "aria": False, "color": ground.muted, "strokeWidth": 1.25,
                                "strokeDash": [5, 4]}})  # fmt: skip
    return layers


def limit(shown: Drawing) -> list[Spec]:
    """The vertical line at the usable CPUs, with a word above it."""
    data = {"name": "limit", "values": [{"workers": shown.cpus}]}
    is_over = shown.most_useful < shown.reach
    name = counted(shown.cpus, "usable CPU")
    long = f"{name}, oversubscribed beyond" if is_over else name
    is_left = shown.cpus > (shown.counts[0] * shown.reach) ** 0.5
    mark: Spec = {"type": "text", "aria": False, "align": "right" if is_left else "left", "dx": -5 if is_left else 5,
                  "baseline": "top", "fontSize": 11, "color": shown.theme.ground.muted}  # fmt: skip
    text = {"value": {"expr": f"{IS_BROAD} ? '{long}' : '{name}'"}}
    return [
        {"data": data, "mark": {"type": "rule", "aria": False, "color": shown.theme.ground.muted, "strokeWidth": 1.25},
         "encoding": {"y": {"value": 0}, "y2": {"value": {"expr": "height"}}}},
        {"data": data, "mark": mark, "encoding": {"y": {"value": 2}, "text": text}},
    ]  # fmt: skip


def lines(shown: Drawing, parts: Collection[str]) -> list[Spec]:
    """Laws with their bands, and thin straight lines where no law holds."""
    laws = [row for curve in shown.curves for row in law_rows(curve, shown.measure, shown.reach)]
    paths = [row for curve, points in zip(shown.curves, shown.points, strict=True) for row in path_rows(curve, points)]
    data = {"name": "laws", "values": laws}
    layers: list[Spec] = []
    if "bands" in parts and laws:
        low, high = ({"field": name, **QUANTITATIVE} for name in ("low", "high"))
        layers.append({"data": data, "transform": [{"filter": "isValid(datum.low)"}],
                       "mark": {"type": "area", "clip": True, "aria": False, "opacity": 0.14},
                       "encoding": {"y": low, "y2": {"field": high["field"]}, "color": shown.colour}})  # fmt: skip
    for standing, opacity in (("inside", 1.0), ("extrapolated", 0.6)):
        layers.append({"data": data, "transform": [{"filter": f"datum.standing == '{standing}'"}],
                       "mark": {"type": "line", "clip": True, "aria": False, "strokeWidth": 2, "opacity": opacity},
                       "encoding": {"color": shown.colour, "strokeDash": shown.dash}})  # fmt: skip
    layers.append({"data": {"name": "paths", "values": paths},
                   "mark": {"type": "line", "clip": True, "aria": False, "strokeWidth": 1, "opacity": 0.7},
                   "encoding": {"color": shown.colour, "strokeDash": shown.dash}})  # fmt: skip
    return layers


def marks(shown: Drawing, parts: Collection[str], has_legend: bool) -> list[Spec]:
    """Points with their whiskers; on the floor what was not measured."""
    if "points" not in parts:
        return []
    look = {"symbolType": "circle", "columns": 2, "symbolFillColor": "transparent"} if has_legend else None
    rows = [row for each in shown.points for row in each]
    data = {"name": "points", "values": rows}
    whisker = {"y": {"field": "low", **QUANTITATIVE}, "y2": {"field": "high"}, "color": shown.colour}
    hollow = {"condition": {"test": "datum.is_hollow", "value": shown.theme.ground.ground}, **shown.colour}
    return [
        {"data": data, "transform": [{"filter": "isValid(datum.low)"}],
         "mark": {"type": "rule", "clip": True, "aria": False, "strokeWidth": 1.5}, "encoding": whisker},
        {"data": data, "mark": {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 1},
         "encoding": {"stroke": shown.colour | {"legend": look}, "fill": hollow, "shape": shown.shape | {"legend": look},
                      "description": {"field": "label"}}},
        *lost_layers(shown),
    ]  # fmt: skip


def lost_layers(shown: Drawing) -> list[Spec]:
    """A cross for each number of workers at which something has no value: shown, never dropped."""
    rows = list(lost_rows(shown.curves))
    if not rows:
        return []
    data, ink = {"name": "lost", "values": rows}, shown.theme.ground.ink
    foot = {"expr": "height - 9"}
    return [
        {"data": data, "mark": {"type": "point", "shape": "M-1,-1L1,1M-1,1L1,-1", "size": 40, "stroke": ink,
                                "strokeWidth": 1.75, "opacity": 1},
         "encoding": {"y": {"value": foot}, "description": {"field": "label"}}},
        {"data": data, "mark": {"type": "text", "aria": False, "align": "left", "dx": 9, "baseline": "middle",
                                "fontSize": 11, "color": ink},
         "encoding": {"y": {"value": foot}, "text": {"field": "short"},
                      "opacity": {"condition": {"test": IS_BROAD, "value": 1}, "value": 0}}},
    ]  # fmt: skip


def ends(shown: Drawing) -> list[Spec]:
    named = [(points, curve.short) for curve, points in zip(shown.curves, shown.points, strict=True) if points]
    return end_rows([points for points, _ in named], [name for _, name in named], shown.span, shown.height)


def pointer(theme: Theme) -> Spec:
    """A ring around what is looked at."""
    ring = {"type": "point", "aria": False, "size": 260, "stroke": theme.ground.ink, "strokeWidth": 1.5, "opacity": 1}
    return {"data": {"name": "pointer", "values": []}, "mark": ring}


def described(shown: Drawing) -> str:
    """What is drawn, for whoever can't see it: the table has the numbers."""
    best = [max(points, key=lambda row: row["workers"])["label"] for points in shown.points if points]
    many = f"{shown.measure.title} over {', '.join(map(str, shown.counts))} workers"
    return f"{many}. At the most workers: {'; '.join(best)}." if best else f"{many}: nothing is measured yet."
