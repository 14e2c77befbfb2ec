"""What a chart of curves is drawn from, and its layers from the ground up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.charts.curves import Drawn
from app.charts.end_labels import IS_BROAD, end_rows
from app.charts.hatching import hatched
from app.charts.measures import Measure
from app.charts.rows import law_rows, path_rows
from app.charts.span import Span
from app.charts.theme import Spec, Theme
from app.palette import SERIES
from dynometer.wording import counted

QUANTITATIVE = {"type": "quantitative"}


@dataclass(frozen=True)
class Drawing:
    """Everything the layers share."""

    theme: Theme
    measure: Measure
    curves: tuple[Drawn, ...]
    points: tuple[tuple[Spec, ...], ...]  # of each curve
    lost: tuple[Spec, ...]  # what has no value, by workers; also of curves that are not among the six
    span: Span
    counts: tuple[int, ...]  # workers
    reach: float  # of the x axis
    cpus: float
    most_useful: float  # workers; more oversubscribe
    height: int
    look: Spec | None  # of the legend; None: names stand at the ends of the lines

    @property
    def colour(self) -> Spec:
        return self._by_curve([self.theme.series[curve.series] for curve in self.curves])

    @property
    def shape(self) -> Spec:
        return self._by_curve([SERIES[curve.series].marker for curve in self.curves])

    @property
    def dash(self) -> Spec:
        """With a domain of its own: Vega-Lite would dash the marks of the legend."""
        dashes = [list(SERIES[curve.series].dash) or [1, 0] for curve in self.curves]
        scale = {"domain": [*(curve.name for curve in self.curves), ""], "range": [*dashes, [1, 0]]}
        return {"field": "curve", "type": "nominal", "scale": scale, "legend": None}

    def _by_curve(self, looks: Sequence[object]) -> Spec:
        domain = [curve.name for curve in self.curves]
        return {"field": "curve", "type": "nominal", "scale": {"domain": domain, "range": list(looks)},
                "legend": self.look}  # fmt: skip


def grounds(shown: Drawing, parts: Collection[str]) -> list[Spec]:
    """What lies behind the lines: the hatched area, the limit of the CPUs, the ideal."""
    ground, first, last = shown.theme.ground, shown.counts[0], shown.counts[-1]
    layers = []
    doubtful_from = min(shown.most_useful, last)
    if doubtful_from < shown.reach:
        layers.append(hatched(shown.theme, max(first, doubtful_from), shown.reach))
    if last < shown.reach:
        layers.append(written(shown, shown.reach, "extrapolated"))
    if first <= shown.cpus <= shown.reach and len(shown.counts) > 1:
        layers += limit(shown)
    if "ideal" in parts and shown.measure.ideal and len(shown.counts) > 1:
        steps = sorted({first * (shown.reach / first) ** (step / 24) for step in range(25)})
        values = [{"workers": step, "value": shown.measure.ideal(step)} for step in steps]
        layers.append({"data": {"name": "ideal", "values": values},
                       "mark": {"type": "line", "clip": True, "aria": False, "color": ground.muted, "strokeWidth": 1.25,
                                "strokeDash": [5, 4]}})  # fmt: skip
        seen = [row for row in values if shown.span.low <= row["value"] <= shown.span.high] or values[:1]
        side = {"baseline": "top", "dy": 4} if shown.measure.key == "time" else {"baseline": "bottom", "dy": -4}
        layers.append({"data": {"values": [seen[len(seen) * 3 // 4]]},
                       "mark": {"type": "text", "aria": False, "text": "ideal", "align": "right", **side, "dx": -5,
                                "fontSize": 11, "color": ground.muted}})  # fmt: skip
    return layers


def written(shown: Drawing, workers: float, text: str) -> Spec:
    """A word on the floor of the plot, to the left of `workers`."""
    return {"data": {"values": [{"workers": workers}]},
            "mark": {"type": "text", "aria": False, "text": text, "align": "right", "dx": -5, "fontSize": 11,
                     "color": shown.theme.ground.muted},
            "encoding": {"y": {"value": {"expr": "height - 9"}}}}  # fmt: skip


def limit(shown: Drawing) -> list[Spec]:
    """The vertical line at the usable CPUs, with a word above it."""
    data = {"name": "limit", "values": [{"workers": shown.cpus}]}
    name = counted(shown.cpus, "usable CPU")
    long = f"{name}, oversubscribed beyond" if shown.most_useful < shown.reach else name
    if any(curve.model == "cluster" for curve in shown.curves):
        long = f"{name} of one node"
    is_left = shown.cpus > (shown.counts[0] * shown.reach) ** 0.5
    mark: Spec = {"type": "text", "aria": False, "align": "right" if is_left else "left", "dx": -5 if is_left else 5,
                  "baseline": "bottom", "fontSize": 11, "color": shown.theme.ground.muted}  # fmt: skip
    text = {"value": {"expr": f"{IS_BROAD} ? '{long}' : '{name}'"}}
    return [
        {"data": data, "mark": {"type": "rule", "aria": False, "color": shown.theme.ground.muted, "strokeWidth": 1},
         "encoding": {"y": {"value": -12}, "y2": {"value": {"expr": "height"}}}},
        {"data": data, "mark": mark, "encoding": {"y": {"value": -3}, "text": text}},
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


def marks(shown: Drawing, parts: Collection[str]) -> list[Spec]:
    """Points with their whiskers; on the floor what was not measured."""
    if "points" not in parts:
        return []
    rows = [row for each in shown.points for row in each]
    data, beside = {"name": "points", "values": rows}, {"xOffset": {"expr": "datum.beside_px"}}
    whisker = {"y": {"field": "low", **QUANTITATIVE}, "y2": {"field": "high"}, "color": shown.colour}
    hollow = {"condition": {"test": "datum.is_hollow", "value": shown.theme.ground.ground}, **shown.colour}
    return [
        {"data": data, "transform": [{"filter": "isValid(datum.low)"}],
         "mark": {"type": "rule", "clip": True, "aria": False, "strokeWidth": 1.5, **beside}, "encoding": whisker},
        {"data": data, "mark": {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 1, **beside},
         "encoding": {"stroke": shown.colour, "fill": hollow, "shape": shown.shape,
                      "description": {"field": "label"}}},
        *lost_layers(shown),
    ]  # fmt: skip


def lost_layers(shown: Drawing) -> list[Spec]:
    """A cross for each number of workers at which something has no value: shown, never dropped."""
    if not shown.lost:
        return []
    data, ink = {"name": "lost", "values": list(shown.lost)}, shown.theme.ground.ink
    foot, is_right = {"expr": "height - 9"}, f"datum.workers > {shown.counts[0]}"
    return [
        {"data": data, "mark": {"type": "point", "shape": "M-1,-1L1,1M-1,1L1,-1", "size": 40, "stroke": ink,
                                "strokeWidth": 1.75, "opacity": 1},
         "encoding": {"y": {"value": foot}, "description": {"field": "label"}}},
        {"data": data, "mark": {"type": "text", "aria": False, "baseline": "middle", "fontSize": 11, "color": ink,
                                "align": {"expr": f"{is_right} ? 'right' : 'left'"},
                                "dx": {"expr": f"{is_right} ? -9 : 9"}},
         "encoding": {"y": {"value": foot}, "text": {"value": {"expr": f"{IS_BROAD} ? datum.short : ''"}}}},
    ]  # fmt: skip


def ends(shown: Drawing) -> list[Spec]:
    named = [(points, curve.short) for curve, points in zip(shown.curves, shown.points, strict=True) if points]
    return end_rows([points for points, _ in named], [name for _, name in named], shown.span, shown.height)


def pointer(theme: Theme) -> Spec:
    """A ring around what is looked at."""
    ring = {"type": "point", "aria": False, "size": 260, "stroke": theme.ground.ink, "strokeWidth": 1.5, "opacity": 1}
    return {"data": {"name": "pointer", "values": []}, "mark": ring}
