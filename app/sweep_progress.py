"""How far a sweep is, in windows and points that are done, and how long it may still take, as a range."""

from dataclasses import dataclass

from dynometer.commands.progress import time_left
from dynometer.measure.grades import accepted, is_precise
from dynometer.measure.plan import Plan
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Trial
from store.sweep_models import Sweep
from tasks.sweep_result import plan_of
from tasks.sweeps import CLUSTER

STEADY_AFTER = 2  # windows: one says nothing yet of how long they take


@dataclass(frozen=True)
class SweepProgress:
    """Counted, never timed: `windows` are those that count."""

    windows: int
    windows_rejected: int
    windows_expected: int  # at the end, as far as that can be told now
    points_begun: int
    points_done: int  # precise enough, out of blocks or set back
    points_total: int
    left_low_s: float | None  # None: not known yet
    left_high_s: float | None

    @property
    def percent(self) -> int:
        """100 only when nothing more is expected."""
        return min(99, 100 * self.windows // max(self.windows_expected, 1))


def progress_of(sweep: Sweep, result: SweepResult | None) -> SweepProgress:
    """`result` is None before a node has begun."""
    if result is None:
        plan = plan_of(sweep)
        total = len(plan.points) + len(sweep.cluster_workers)
        return SweepProgress(0, 0, total * plan.blocks_least, 0, 0, total, None, None)
    plan, by_point = result.plan, trials_by_point(result)
    over = {setback.point for setback in result.setbacks}
    points = all_points(plan, sweep)
    good = sum(len(accepted(trials)) for trials in by_point.values())
    low, high = time_left(result)
    is_steady = len(result.trials) >= STEADY_AFTER
    return SweepProgress(
        windows=good, windows_rejected=len(result.trials) - good,
        windows_expected=good + windows_ahead(result, by_point),
        points_begun=sum(bool(by_point.get(point)) or point in over for point in points),
        points_done=sum(point in over or is_done(plan, by_point.get(point, [])) for point in points),
        points_total=len(points), left_low_s=low if is_steady else None, left_high_s=high if is_steady else None,
    )  # fmt: skip


def all_points(plan: Plan, sweep: Sweep) -> list[Point]:
    """Of the node that measures, and of the whole fleet."""
    cluster = [Point(CLUSTER, plan.baseline.variant, workers) for workers in sweep.cluster_workers]
    return list(dict.fromkeys([*plan.points, *cluster]))


def trials_by_point(result: SweepResult) -> dict[Point, list[Trial]]:
    found: dict[Point, list[Trial]] = {}
    for trial in result.trials:
        found.setdefault(trial.point, []).append(trial)
    return found


def is_done(plan: Plan, trials: list[Trial]) -> bool:
    return is_precise(trials, plan.blocks_least, plan.precision) or len(accepted(trials)) >= plan.blocks_most


def windows_ahead(result: SweepResult, by_point: dict[Point, list[Trial]]) -> int:
    """If each point is precise after the fewest blocks, or until the budget ends it."""
    plan, over = result.plan, {setback.point for setback in result.setbacks}
    wanted = 0
    for point in plan.points:
        mine = by_point.get(point, [])
        if point not in over and not is_done(plan, mine):
            wanted += max(1, plan.blocks_least - len(accepted(mine)))
    if not result.trials or not result.elapsed_s:
        return wanted
    affordable = max(0.0, plan.budget_s - result.elapsed_s) * len(result.trials) / result.elapsed_s
    return min(wanted, round(affordable))
