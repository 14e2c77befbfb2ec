"""A sweep's result as facts: points, curves with their laws, and observables."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dynometer.advice.facts import Curve, Facts, Observables
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Standing, Trial
from dynometer.summary.laws import law_of
from dynometer.summary.observables import BUSY, observables
from dynometer.summary.points import PointSummary, sum_up, throughput_by_block

T = TypeVar("T")


@dataclass(frozen=True)
class Summary:
    """A result, summed up: `points` for tables, `facts` for diagnosis and advice."""

    result: SweepResult
    points: tuple[PointSummary, ...]  # every point with at least one window, by the plan's curves, then workers
    facts: Facts

    def at(self, point: Point) -> PointSummary | None:
        return next((summary for summary in self.points if summary.point == point), None)


def summarise(result: SweepResult, available: frozenset[str] = frozenset()) -> Summary:
    """Everything `result` says in numbers.  `available`: models that could have been measured; empty: not known."""
    by_point = _by_point(result.trials)
    baseline = throughput_by_block(by_point.get(result.plan.baseline, ()))
    curves = _each_once((point.model, point.variant) for point in (*result.plan.points, *by_point))
    order = sorted(by_point, key=lambda point: (curves.index((point.model, point.variant)), point.workers))
    points = tuple(sum_up(point, by_point[point], baseline, is_baseline=point == result.plan.baseline)
                   for point in order)
    seen = observables(result)
    environment = result.environment
    measured = frozenset(summary.point.model for summary in points if summary.accepted)
    facts = Facts(
        workload=result.plan.workload, cpus_usable=environment.cpus_usable, observables=seen,
        curves=_curves(points, by_point, environment.cpus_usable),
        item_count=result.plan.items, is_free_threaded=not environment.is_gil_enabled,
        python=environment.python, available_models=available | measured if available else available,
        unavailable={setback.point.model: setback.reason for setback in result.setbacks
                     if setback.standing is Standing.UNAVAILABLE and setback.point.model not in measured},
        variant=result.plan.baseline.variant, setbacks=result.setbacks, memory_bytes=environment.memory_bytes,
    )
    return Summary(result, points, facts)


def most_useful_workers(cpus_usable: float, seen: Observables) -> float:
    """How many workers the CPUs can serve: as many as CPUs when they compute, more when each mostly waits.

    A worker that is busy a share A1 of the time takes A1 of a core (science D.1); more of them are oversubscribed.
    """
    if seen.activity is None:
        return math.inf  # nothing is known against them
    if seen.activity >= 1 - BUSY:
        return cpus_usable
    return cpus_usable / seen.activity if seen.activity > 0 else math.inf


def _curves(points: Sequence[PointSummary], trials: dict[Point, list[Trial]], cpus: float) -> tuple[Curve, ...]:
    grouped: dict[tuple[str, str], list[PointSummary]] = {}
    for summary in sorted(points, key=lambda summary: summary.point.workers):
        grouped.setdefault((summary.point.model, summary.point.variant), []).append(summary)
    found = []
    for model, variant in _each_once((summary.point.model, summary.point.variant) for summary in points):
        mine = grouped[model, variant]
        on_curve = tuple(shown for summary in mine if (shown := summary.on_curve()))
        replicates = {summary.point.workers: [trial.throughput_per_s for trial in trials[summary.point]
                                              if trial.is_accepted] for summary in mine}
        if on_curve:
            found.append(Curve(model, variant, on_curve, law_of(replicates, cpus)))
    return tuple(found)


def _by_point(trials: Iterable[Trial]) -> dict[Point, list[Trial]]:
    grouped: dict[Point, list[Trial]] = {}
    for trial in trials:
        grouped.setdefault(trial.point, []).append(trial)
    return grouped


def _each_once(things: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(things))
