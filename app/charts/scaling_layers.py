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
    counts: tuple[int, ...]  # of workers, with a value or a reason
    first: int  # of them, or of the plan until the sweep has ended: where the x axis begins
    last: int
    reach: float  # where it ends: beyond the last where a law may be extrapolated
    cpus: float
    most_useful: float  # workers; more oversubscribe
    height: int
    look: Spec | None  # of the legend; None: names stand at the ends of the lines

    @property
    def has_cluster(self) -> bool:
        """Whether some workers are on other nodes, with CPUs of their own."""
        return any(curve.model == "cluster" for curve in self.curves)

    @property
    def is_limit_told(self) -> bool:
        """Whether the line of the CPUs is where oversubscription begins: not so for work that waits."""
        return self.first <= self.most_useful == self.cpus < self.reach and not self.has_cluster

    @property
    def colour(self) -> Spec:
        return self._by_curve([self.theme.series[curve.series] for curve in self.curves])

    @property
    def shape(self) -> Spec:
        return self._by_curve([SERIES[curve.series].marker for curve in self.curves])

    @property
    def dash(self) -> Spec:
        """Beside a legend with a domain of its own: Vega-Lite would dash the legend's marks."""
        look = self._by_curve([list(SERIES[curve.series].dash) or [1, 0] for curve in self.curves])
        own = {"domain": [*look["scale"]["domain"], ""], "range": [*look["scale"]["range"], [1, 0]]}
        return look | {"legend": None, "scale": own if self.look else look["scale"]}

    def _by_curve(self, looks: Sequence[object]) -> Spec:
        domain = [curve.name for curve in self.curves]
        return {"field": "curve", "type": "nominal", "scale": {"domain": domain, "range": list(looks)},
                "legend": self.look}  # fmt: skip


def grounds(shown: Drawing, parts: Collection[str]) -> list[Spec]:
    """What lies behind the lines: the hatched area, the limit of the CPUs, the ideal."""
    ground, first = shown.theme.ground, shown.first
    layers: list[Spec] = []
    if first == shown.reach:
        return layers
    if (doubtful_from := min(shown.most_useful, shown.last)) < shown.reach:
        layers.append(hatched(shown.theme, max(first, doubtful_from), shown.reach))
        layers.append(written(shown))
    if first <= shown.cpus <= shown.reach:
        layers += limit(shown)
    if "ideal" in parts and shown.measure.ideal:
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


def written(shown: Drawing) -> Spec:
    """Why the area is hatched, in its lower right corner, above the crosses where there are any.

    The line of the CPUs says it too where there is room.
    """
    far = ["extrapolated"] * (shown.last < shown.reach)
    both = ["oversubscribed"] * (shown.most_useful < shown.reach) + far
    broad, narrow = (" and ".join(words) for words in (far if shown.is_limit_told else both, both))
    return {"data": {"values": [{"workers": shown.reach}]},
            "mark": {"type": "text", "aria": False, "align": "right", "dx": -5, "fontSize": 11,
                     "color": shown.theme.ground.muted},
            "encoding": {"y": {"value": {"expr": f"height - {26 if shown.lost else 9}"}},
                         "text": {"value": {"expr": f"{IS_BROAD} ? '{broad}' : '{narrow}'"}}}}  # fmt: skip


def limit(shown: Drawing) -> list[Spec]:
    """The vertical line at the usable CPUs, with a word above it."""
    data = {"name": "limit", "values": [{"workers": shown.cpus}]}
    name = counted(shown.cpus, "usable CPU")
    long = f"{name}, oversubscribed beyond" if shown.is_limit_told else name
    if shown.has_cluster:
        long = f"{name} of one node"
    is_left = shown.cpus > (shown.first * shown.reach) ** 0.5
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
    laws = [row for curve in shown.curves for row in law_rows(curve, shown.measure, shown.reach)
            if row["standing"] == "inside" or shown.reach > shown.last]  # fmt: skip
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
    rows = [row for each in shown.points for row in each]
    if "points" not in parts:  # arrow keys walk through them all the same
        return [{"data": {"name": "points", "values": rows}, "mark": {"type": "point", "aria": False, "opacity": 0}}]
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
    foot, is_right = {"expr": "height - 9"}, f"datum.workers > {shown.first}"
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
    ring = {"type": "point", "aria": False, "size": 260, "stroke": theme.ground.ink, "strokeWidth": 1.5, "opacity": 1,
            "xOffset": {"expr": "datum.beside_px"}}  # fmt: skip
    return {"data": {"name": "pointer", "values": []}, "mark": ring}


def nothing(theme: Theme) -> Spec:
    """In place of points."""
    mark = {"type": "text", "aria": False, "text": "no points yet", "fontSize": 13, "color": theme.ground.muted}
    return {"data": {"values": [{}]}, "mark": mark,
            "encoding": {"x": {"value": {"expr": "width / 2"}}, "y": {"value": {"expr": "height - 40"}}}}  # fmt: skip
