"""Stand-in until the charts bring it."""

from app.charts.theme import Frame, Spec, Theme, framed
from dynometer.measure.result import SweepResult


def lanes(result: SweepResult, theme: Theme, frame: Frame | None = None, *, last_s: float | None = None) -> Spec:
    return framed({"description": "Worker lanes", "data": {"values": []}, "mark": "bar"}, theme, frame, 100)
