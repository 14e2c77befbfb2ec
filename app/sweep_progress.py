"""How far a sweep is, in windows and points that are done, and how long it may still take, as a range."""

from dataclasses import dataclass

from dynometer.commands.progress import time_left
from dynometer.measure.grades import accepted, is_precise
from dynometer.measure.plan import Plan
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Trial
from store.sweep_models import Phase, Sweep
from tasks.sweep_fleet import BLOCKS, BUDGET_SHARE, LEAST_JOB_S, LONGEST_JOB_S
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
        expected = len(plan.points) * plan.blocks_least + len(sweep.cluster_workers) * BLOCKS
        return SweepProgress(0, 0, expected, 0, 0, total, None, None)
    plan, by_point = result.plan, trials_by_point(result)
    over = {setback.point for setback in result.setbacks}
    points = all_points(plan, sweep)
    good = sum(len(accepted(trials)) for trials in by_point.values())
    low, high = left_of(sweep, result, by_point) if len(result.trials) >= STEADY_AFTER else (None, None)
    own_ahead = 0 if sweep.phase is Phase.FLEET else windows_ahead(result, by_point)
    return SweepProgress(
        windows=good, windows_rejected=len(result.trials) - good,
        windows_expected=good + own_ahead + fleet_windows_ahead(sweep, plan, by_point, over),
        points_begun=sum(bool(by_point.get(point)) or point in over for point in points),
        points_done=sum(point in over or is_done(plan, point, by_point.get(point, [])) for point in points),
        points_total=len(points), left_low_s=low, left_high_s=high,
    )  # fmt: skip


def left_of(sweep: Sweep, result: SweepResult, by_point: dict[Point, list[Trial]]) -> tuple[float, float]:
    """Seconds, at least and at most: of the node that measures, then of the points of the whole fleet."""
    low, high = (0.0, 0.0) if sweep.phase is Phase.FLEET else time_left(result)
    ahead = fleet_windows_ahead(sweep, result.plan, by_point, {setback.point for setback in result.setbacks})
    took = [trial.wall_s for trial in result.trials if trial.point.model == CLUSTER]
    budget_left_s = max(0.0, BUDGET_SHARE * result.plan.budget_s - sum(took))
    each_s = (sum(took) / len(took), max(took)) if took else (LEAST_JOB_S, LONGEST_JOB_S)
    return low + min(budget_left_s, ahead * each_s[0]), high + min(budget_left_s, ahead * each_s[1])


def fleet_windows_ahead(sweep: Sweep, plan: Plan, by_point: dict[Point, list[Trial]], over: set[Point]) -> int:
    points = [point for point in fleet_points(sweep, plan) if point not in over]
    return sum(max(0, BLOCKS - len(accepted(by_point.get(point, [])))) for point in points)


def fleet_points(sweep: Sweep, plan: Plan) -> list[Point]:
    return [Point(CLUSTER, plan.baseline.variant, workers) for workers in sweep.cluster_workers]


def all_points(plan: Plan, sweep: Sweep) -> list[Point]:
    """Of the node that measures, and of the whole fleet."""
    return list(dict.fromkeys([*plan.points, *fleet_points(sweep, plan)]))


def trials_by_point(result: SweepResult) -> dict[Point, list[Trial]]:
    found: dict[Point, list[Trial]] = {}
    for trial in result.trials:
        found.setdefault(trial.point, []).append(trial)
    return found


def is_done(plan: Plan, point: Point, trials: list[Trial]) -> bool:
    if point.model == CLUSTER:
        return len(accepted(trials)) >= BLOCKS
    return is_precise(trials, plan.blocks_least, plan.precision) or len(accepted(trials)) >= plan.blocks_most


def windows_ahead(result: SweepResult, by_point: dict[Point, list[Trial]]) -> int:
    """If each point is precise after the fewest blocks, or until the budget ends it."""
    plan, over = result.plan, {setback.point for setback in result.setbacks}
    wanted = 0
    for point in plan.points:
        mine = by_point.get(point, [])
        if point not in over and not is_done(plan, point, mine):
            wanted += max(1, plan.blocks_least - len(accepted(mine)))
    if not result.trials or not result.elapsed_s:
        return wanted
    affordable = max(0.0, plan.budget_s - result.elapsed_s) * len(result.trials) / result.elapsed_s
    return min(wanted, round(affordable))
