"""What to hold against the numbers: superlinear, weak, invalid, void or missing ones, a sentence each."""

from dynometer.advice.facts import Curve, Facts
from dynometer.advice.options import SINGLE
from dynometer.advice.story import stories
from dynometer.advice.thresholds import GAIN_LEAST
from dynometer.measure.trial import Standing
from dynometer.wording import counted, listed


def superlinear(facts: Facts) -> list[str]:
    """Curves whose law says so, and whose points gained more than their workers: by their own first point."""
    names = [
        f"{curve.model} ({curve.variant})"
        for curve in facts.curves
        if curve.law and curve.law.superlinear and _most_per_worker(curve) >= GAIN_LEAST
    ]
    if not names:
        return []
    them = "their" if len(names) > 1 else "its"
    verb = "gain" if len(names) > 1 else "gains"
    suspects = "suspect a slow one-worker baseline, caches or the clock before relying on it"
    return [f"{listed(names)} {verb} more than {them} workers can give (superlinear): {suspects}."]


def _most_per_worker(curve: Curve) -> float:
    """The most that a worker delivered, over one of the fewest workers; of valid points."""
    each = [one.throughput_per_s.value / one.workers for one in curve.points if one.grade != "invalid"]
    return max(each) / each[0] if each else 0.0


def weak(facts: Facts) -> list[str]:
    leads = [one.lead for one in stories(facts) if one.lead.grade == "C"]
    names = [one.model if one.model in SINGLE else f"{one.model} with {one.workers}" for one in leads]
    return [f"Weak numbers (grade C): {listed(names)}; measure again before relying on them."] if names else []


def invalid(facts: Facts) -> list[str]:
    points = [point for curve in facts.curves for point in curve.points]
    invalid = sum(point.grade == "invalid" for point in points)
    if not invalid:
        return []
    return [f"{invalid} of {counted(len(points), 'point')} {'is' if invalid == 1 else 'are'} invalid and left out."]


def missing(facts: Facts) -> list[str]:
    """Void points by name, for they answer wrongly; the rest in one sentence."""
    void = dict.fromkeys(
        f"{one.point.model} ({one.point.variant})" for one in facts.setbacks if one.standing == Standing.VOID
    )
    parts = [f"{name} is void: its values are not those of the reference." for name in void]
    others = {f"{name} (unavailable)": None for name in facts.unavailable}
    for one in facts.setbacks:
        if one.standing == Standing.UNAVAILABLE:
            others.setdefault(f"{one.point.model} (unavailable)")
        elif one.standing in (Standing.FAILED, Standing.NOT_BEGUN):
            others.setdefault(f"{one.point.model} with {one.point.workers} ({one.standing})")
    return [*parts, f"Not measured: {listed(list(others))}."] if others else parts
