"""CSV as a table program wants it: one row a point, or one row a window; numbers whole, unknown ones empty."""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from app.spreadsheet import cell
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Setback, Signals, Trial
from dynometer.report.report import Report
from dynometer.summary.points import PointSummary

OF_TRIAL = (
    "nodes", "block", "place", "attempt", "begun_s", "wall_s", "items", "sample", "chunk", "throughput_per_s",
    "is_accepted", "rejected", "doubts", "cpu_s", "system_cpu_s", "worker_cpu_s", "voluntary_switches", "startup_s",
    "warmup_s", "memory_pss_bytes", "start_method",
)  # fmt: skip
OF_SIGNALS = tuple(field.name for field in fields(Signals))


def points_csv(report: Report) -> str:
    """One row for each point, those without a number too: `standing` and `reason` say why."""
    nodes = nodes_by_point(report)
    setbacks = {setback.point: setback for setback in report.result.setbacks}
    measured = {point.point: point for point in report.summary.points}
    rows = [point_row(report, point, measured.get(point), setbacks.get(point), nodes.get(point))
            for point in dict.fromkeys((*measured, *setbacks))]  # fmt: skip
    return written(point_row(report, report.result.plan.baseline, None, None, None), rows)


def windows_csv(report: Report) -> str:
    """One row for each window, the rejected ones too, with all that was seen beside the clock."""
    columns = (*about(report, report.result.plan.baseline), *OF_TRIAL, *OF_SIGNALS)
    return written(columns, (window_row(report, trial) for trial in report.result.trials))


def point_row(report: Report, point: Point, found: PointSummary | None, setback: Setback | None, nodes: int | None
              ) -> dict[str, Any]:  # fmt: skip
    return {
        **about(report, point), "nodes": nodes, **numbers(found),
        "is_beyond_cpus": point.workers > report.result.environment.cpus_usable,
        "standing": str(setback.standing) if setback else None, "reason": setback.reason if setback else None,
    }  # fmt: skip


def window_row(report: Report, trial: Trial) -> dict[str, Any]:
    own = {name: getattr(trial, name) for name in OF_TRIAL}
    sentences = {name: " ".join(own[name]) for name in ("rejected", "doubts")}
    return {**about(report, trial.point), **own, **sentences, **asdict(trial.signals)}


def numbers(point: PointSummary | None) -> dict[str, Any]:
    """Of a point without a window: nothing, in the same columns."""
    return {
        **bounds("throughput", point.throughput_per_s if point else None, "_per_s"),
        **bounds("speedup", point.speedup if point else None),
        "efficiency": point.efficiency if point else None, "grade": point.grade if point else None,
        "windows_accepted": point.accepted if point else 0, "windows_rejected": point.rejected if point else 0,
        "items": point.items if point else 0, "chunk": point.chunk if point else None,
        "cpu_s_per_item": point.cpu_s_per_item if point else None, "startup_s": point.startup_s if point else None,
        "memory_pss_bytes": point.memory_pss_bytes if point else None,
    }  # fmt: skip


def about(report: Report, point: Point) -> dict[str, Any]:
    """What every row begins with, so that files of several sweeps can be put together."""
    result = report.result
    return {
        "workload": result.plan.workload, "started_at": result.started_at, "model": point.model,
        "variant": point.variant, "workers": point.workers,
    }  # fmt: skip


def bounds(name: str, estimate: Estimate | None, unit: str = "") -> dict[str, Any]:
    """A value and its interval in three columns."""
    known = (estimate.value, estimate.low, estimate.high) if estimate else (None, None, None)
    return {f"{name}{part}{unit}": value if value is not None and math.isfinite(value) else None
            for part, value in zip(("", "_low", "_high"), known, strict=True)}  # fmt: skip


def nodes_by_point(report: Report) -> Mapping[Point, int]:
    """The fewest that any window of the point had."""
    found: dict[Point, int] = {}
    for trial in report.result.trials:
        if trial.nodes is not None:
            found[trial.point] = min(found.get(trial.point, trial.nodes), trial.nodes)
    return found


def written(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()
