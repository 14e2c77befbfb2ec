"""When each window ran, and on how many workers: a bar for each of them, one lane a worker."""

from collections.abc import Collection, Iterator

from app.charts.curves import Drawn, curves_of
from app.charts.theme import Frame, Spec, Theme, framed
from dynometer.measure.trial import Trial
from dynometer.report.report import Report
from dynometer.wording import counted, figure, seconds

MOST = 12  # lanes; a window with more workers fills all of them, and says how many it had
LANE_PX = 20
FRAMED_WIDTH = 720
LEGEND = {"columns": 4, "symbolType": "square", "symbolOpacity": 1, "symbolSize": 90, "labelLimit": 170}
OTHERS = "other curves"
NOTHING = "Nothing is measured yet."
UNKNOWN = "This result does not say when its windows began: it is of an earlier version."


def lanes(
    report: Report, theme: Theme, frame: Frame | None = None, *, last_s: float | None = None,
    hidden: Collection[str] = (), width: int | None = None,
) -> Spec:  # fmt: skip
    """Time is what of the budget was spent; `last_s`: only so much of it, up to now.

    The rows of its data set `windows` have a `label` each; rejected windows are hollow.  Thin bars before them are
    start-up and warm-up, which no clock counts.
    """
    curves = curves_of(report, hidden)
    rows = [row for row in window_rows(report, curves) if row["key"] not in hidden]
    end_s = max([report.result.elapsed_s, *(row["to_s"] for row in rows)])
    begin_s = max(0.0, end_s - last_s) if last_s else 0.0
    rows = [row for row in rows if row["to_s"] > begin_s]
    most = min(MOST, max((row["workers"] for row in rows), default=1))
    shown = [curve for curve in curves if curve.is_shown]
    domain = {"domain": [*(curve.name for curve in shown), OTHERS],
              "range": [*(theme.series[curve.series] for curve in shown), theme.ground.muted]}  # fmt: skip
    wide = width or (FRAMED_WIDTH if frame else None)
    has_legend = frame is not None and len(shown) > 1
    look = LEGEND | {"values": domain["domain"][:-1]} if has_legend else None
    colour = {"field": "curve", "type": "nominal", "scale": domain, "legend": look}
    lane = {"field": "lane", "type": "ordinal", "title": "worker", "scale": {"domain": list(range(1, most + 1))},
            "axis": {"titleAngle": 0, "titleAlign": "right", "titlePadding": 8}}  # fmt: skip
    scale = {"domain": [begin_s, max(end_s, begin_s + 1.0)], "nice": False, "zero": False}
    time = {"type": "quantitative", "title": "seconds of the budget", "scale": scale, "axis": {"tickCount": 6}}
    spec: Spec = {
        "usermeta": {"notes": [] if rows else [UNKNOWN if report.result.trials and not last_s else NOTHING]},
        "description": described(rows), "data": {"name": "windows", "values": rows},
        "transform": [{"calculate": f"sequence(1, min(datum.workers, {MOST}) + 1)", "as": "lane"},
                      {"flatten": ["lane"]}],
        "encoding": {"y": lane}, "layer": bars(theme, time, colour),
    }  # fmt: skip
    return framed(spec | ({"width": wide} if wide else {}), theme, frame, {"step": LANE_PX})


def bars(theme: Theme, time: Spec, colour: Spec) -> list[Spec]:
    """Start-up and warm-up as a thin bar, the window itself as a thick one: hollow where it was rejected."""

    def bar(begin: str, end: str, **look: object) -> Spec:
        return {"mark": {"type": "bar", "clip": True, **look},
                "encoding": {"x": time | {"field": begin}, "x2": {"field": end}}}  # fmt: skip

    ready = bar("begun_s", "from_s", aria=False, height={"band": 0.2}, opacity=0.55)
    window = bar("from_s", "to_s", height={"band": 0.72}, strokeWidth=1.5, cornerRadius=2)
    hollow = {"condition": {"test": "datum.is_rejected", "value": theme.ground.ground}}
    ready["encoding"] |= {"color": colour}
    window["encoding"] |= {"fill": hollow | colour, "stroke": colour, "description": {"field": "label"}}
    return [ready, window]


def window_rows(report: Report, curves: Collection[Drawn]) -> Iterator[Spec]:
    """One for each window that knows when it began, in that order."""
    keys = {(curve.model, curve.variant): curve for curve in curves}
    known = [trial for trial in report.result.trials if trial.begun_s is not None]
    for trial in sorted(known, key=lambda trial: trial.begun_s or 0.0):
        curve, begun_s = keys[trial.point.model, trial.point.variant], trial.begun_s or 0.0
        from_s = begun_s + trial.startup_s + trial.warmup_s
        yield {
            "curve": curve.name if curve.is_shown else OTHERS, "key": curve.key,
            "workers": trial.point.workers, "begun_s": begun_s, "from_s": from_s, "to_s": from_s + trial.wall_s,
            "is_rejected": not trial.is_accepted, "label": label(curve, trial),
        }  # fmt: skip


def label(curve: Drawn, trial: Trial) -> str:
    """pool (python) with 2 workers, block 1: 7.14 items/s in 560 ms"""
    on = f" on {counted(trial.nodes, 'node')}" if trial.nodes is not None else ""
    lost = f"; rejected: {' '.join(trial.rejected)}" if trial.rejected else ""
    return (f"{curve.name} with {counted(trial.point.workers, 'worker')}{on}, block {trial.block + 1}: "
            f"{figure(trial.throughput_per_s)} items/s in {seconds(trial.wall_s)}{lost}")  # fmt: skip


def described(rows: Collection[Spec]) -> str:
    lost = sum(row["is_rejected"] for row in rows)
    return f"{counted(len(rows), 'window')} over time, one lane for each worker; {lost} rejected."
