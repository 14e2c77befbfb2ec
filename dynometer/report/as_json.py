"""A report as JSON: the result file's own fields, and beside them what was concluded from them."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dynometer.advice.cause import Cause, Diagnosis
from dynometer.advice.finding import Finding
from dynometer.measure.codec import to_json
from dynometer.measure.trial import Trial
from dynometer.report.report import Report
from dynometer.report.serial_share import serial_share_lines
from dynometer.report.unmeasured import not_measured
from dynometer.summary.gates import Judged
from dynometer.summary.points import PointSummary

REPORT_FORMAT = 1
CONCLUDED = ("report_format", "workload", "verdict", "points", "fits", "diagnosis", "findings", "observables",
             "serial_share", "gates", "not_measured", "details")
OF_A_TRIAL = ("throughput_per_s", "is_accepted")


def report_json(report: Report) -> str:
    """One object, indented.  Infinite bounds, those of a single window, are null."""
    return json.dumps(as_object(report), indent=1, allow_nan=False)


def as_object(report: Report) -> dict[str, Any]:
    """The report in dicts, lists and scalars.  `without_conclusions` gives the result file's object again."""
    result, facts = report.result, report.summary.facts
    raw: dict[str, Any] = {"format": result.format} | to_json(result)
    raw["trials"] = [_trial(trial) for trial in result.trials]
    concluded = {
        "report_format": REPORT_FORMAT, "workload": result.plan.workload, "verdict": report.verdict,
        "details": list(report.details),
        "points": [_point(point, facts.cpus_usable) for point in report.summary.points],
        "fits": [{"model": curve.model, "variant": curve.variant} | _plain(curve.law)
                 for curve in facts.curves if curve.law],
        "diagnosis": _diagnosis(report.diagnosis), "findings": [_finding(finding) for finding in report.findings],
        "observables": _plain(facts.observables),
        "serial_share": list(serial_share_lines(report.summary)),
        "gates": gates_object(report.gates),
        "not_measured": list(not_measured(report.summary)),
    }
    return concluded | raw


def gates_object(gates: Sequence[Judged]) -> list[dict[str, Any]]:
    return [{"gate": judged.gate.text, "decision": str(judged.decision), "is_met": judged.is_met,
             "value": _plain(judged.value), "sentence": judged.sentence} for judged in gates]


def without_conclusions(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the result file in a report's object; any other object comes back as it is."""
    if "report_format" not in data:
        return dict(data)
    raw = {name: value for name, value in data.items() if name not in CONCLUDED}
    if isinstance(raw.get("trials"), list):
        raw["trials"] = [{name: value for name, value in trial.items() if name not in OF_A_TRIAL}
                         if isinstance(trial, dict) else trial for trial in raw["trials"]]
    return raw


def _trial(trial: Trial) -> dict[str, Any]:
    shown: dict[str, Any] = to_json(trial)
    return shown | {"throughput_per_s": trial.throughput_per_s, "is_accepted": trial.is_accepted}


def _point(point: PointSummary, cpus_usable: float) -> dict[str, Any]:
    return {
        "model": point.point.model, "variant": point.point.variant, "workers": point.point.workers,
        "throughput_per_s": _plain(point.throughput_per_s), "speedup": _plain(point.speedup),
        "efficiency": point.efficiency, "grade": point.grade,
        "windows_accepted": point.accepted, "windows_rejected": point.rejected,
        "doubts": list(point.doubts), "rejections": list(point.rejections), "items": point.items, "chunk": point.chunk,
        "cpu_s_per_item": point.cpu_s_per_item, "startup_s": point.startup_s,
        "memory_pss_bytes": point.memory_pss_bytes, "is_beyond_cpus": point.point.workers > cpus_usable,
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return _cause(diagnosis) | {"also": [_cause(cause) for cause in diagnosis.also],
                                "suspected": [_cause(cause) for cause in diagnosis.suspected]}


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "kind": str(cause.kind), "sentence": cause.sentence, "rule": cause.rule,
        "agreeing": [_plain(signal) | {"sentence": str(signal)} for signal in cause.agreeing],
        "disagreeing": [_plain(signal) | {"sentence": str(signal)} for signal in cause.disagreeing],
        "would_settle": list(cause.would_settle),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = _plain(finding)
    return shown | {"sentence": str(finding)}


def _plain(value: Any) -> Any:
    """`value` in what JSON can say."""
    return _finite(to_json(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
