"""Numbers that nothing can be said about, such as NaN, become unknown before anything is judged."""

import math
from dataclasses import fields, replace
from typing import Any

from dynometer.advice.facts import CurvePoint, Facts, Observables
from dynometer.analysis.choice import Choice
from dynometer.estimate import Estimate

WIDEST = 1000.0  # an interval without an end reaches this many times the value


def sound_observables(seen: Observables) -> Observables:
    """Numbers that are not finite, or negative, are as good as not measured."""
    unknown: dict[str, Any] = {}
    for each in fields(seen):
        value = getattr(seen, each.name)
        if isinstance(value, float | int) and not (math.isfinite(value) and value >= 0):
            unknown[each.name] = each.default
    return replace(seen, **unknown)


def sound_facts(facts: Facts) -> Facts:
    """The same facts without what no rule could use."""
    curves = tuple(
        replace(curve, points=tuple(filter(None, map(_point, curve.points))), law=_law(curve.law))
        for curve in facts.curves
    )
    cpus, rate, shared = facts.cpus_usable, facts.wanted_rate_per_s, facts.shared_operations_per_s
    return replace(
        facts,
        curves=tuple(curve for curve in curves if curve.points),
        observables=sound_observables(facts.observables),
        item_count=max(1, facts.item_count),
        cpus_usable=cpus if _is_positive(cpus) else 1.0,
        wanted_rate_per_s=rate if rate is not None and _is_positive(rate) else None,
        shared_operations_per_s=shared if shared is not None and math.isfinite(shared) else None,
    )


def _is_positive(value: float) -> bool:
    return math.isfinite(value) and value > 1e-12


def _estimate(given: Estimate | None) -> Estimate | None:
    if given is None or not _is_positive(given.value) or given.value > 1e30:
        return None
    value = given.value
    low = given.low if 0 < given.low <= value else value / WIDEST
    high = given.high if value <= given.high < math.inf else value * WIDEST
    return Estimate(value, low, high)


def _point(point: CurvePoint) -> CurvePoint | None:
    throughput = _estimate(point.throughput_per_s)
    if throughput is None or point.workers < 1:
        return None
    startup_s = point.startup_s if math.isfinite(point.startup_s) else 0.0
    return replace(point, throughput_per_s=throughput, speedup=_estimate(point.speedup), startup_s=max(0.0, startup_s))


def _law(law: Choice | None) -> Choice | None:
    if law is None or law.coefficients is None:
        return law
    given = (law.coefficients.gamma, law.coefficients.sigma, law.coefficients.kappa)
    if all(one is None or math.isfinite(one.value + one.low + one.high) for one in given):
        return law if _estimate(law.peak_workers) == law.peak_workers else replace(law, peak_workers=None)
    return None
