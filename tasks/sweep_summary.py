"""What a list shows of a sweep that has ended: its report's words and numbers, so that a list need make none."""

from typing import Any

from dynometer.measure.result import SweepResult
from dynometer.report.report import make_report


def summary_of(result: SweepResult) -> dict[str, Any]:
    """Columns of its row."""
    report = make_report(result)
    found: dict[str, Any] = {
        "verdict": report.verdict, "windows": sum(trial.is_accepted for trial in result.trials),
        "best_model": None, "best_workers": None, "best_speedup": None, "best_low": None, "best_high": None,
    }  # fmt: skip
    measured = [point for point in report.summary.points if point.speedup and point.grade != "invalid"]
    best = max(measured, key=lambda point: point.speedup.value if point.speedup else 0.0, default=None)
    if best and best.speedup:
        gain = best.speedup
        found |= {
            "best_model": best.point.model, "best_workers": best.point.workers, "best_speedup": gain.value,
            "best_low": gain.low, "best_high": gain.high if gain.high < float("inf") else None,
        }  # fmt: skip
    return found
