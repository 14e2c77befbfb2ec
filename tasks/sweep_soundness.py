"""Whether a result from elsewhere can be kept and shown: a file that somebody made may say anything."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NoReturn

from dynometer.errors import InvalidInput
from dynometer.measure.codec import to_json
from dynometer.measure.planning import MOST_BUDGET_S, MOST_WORKERS
from dynometer.measure.result import SweepResult
from dynometer.workloads.parameters import is_storable
from tasks.sweep_bounds import require_tame

EARLIEST_S, LATEST_S = 0.0, 4_102_444_800.0  # from 1970 to 2100
LONGEST_S = 2 * MOST_BUDGET_S  # a window may end long after the budget
MOST_ITEMS = 10**15
MOST_BLOCKS = 10**6
LONGEST_KEY = 300  # characters: of a workload, of a model


def require_sound(result: SweepResult) -> float:
    """When it began, in seconds since 1970.  Raises InvalidInput for what no page could show."""
    require_tame(result)
    _require_windows(result)
    _require_plan(result)
    started_at = _moment(result.started_at)
    if not 0 <= result.elapsed_s <= LONGEST_S or not EARLIEST_S <= started_at <= LATEST_S:
        _refuse("says that it was measured at a time, or for a time, that can't be")
    if not all(is_storable(text) for text in _texts(to_json(result))):
        _refuse("holds text that no database keeps: NUL, or half of a surrogate pair")
    return started_at


def _require_windows(result: SweepResult) -> None:
    for number, trial in enumerate(result.trials):
        if not (trial.wall_s > 0 and trial.items > 0 and trial.point.workers > 0 and trial.cpu_s >= 0):
            _refuse(f"has a window ({number}) without time or items")
        is_timed = trial.wall_s <= LONGEST_S and 0 <= (trial.begun_s or 0.0) <= LONGEST_S
        is_counted = max(trial.point.workers, trial.nodes or 0) <= MOST_WORKERS and trial.items <= MOST_ITEMS
        if not (is_timed and is_counted and (trial.nodes or 0) >= 0):
            _refuse(f"has a window ({number}) that can't have been measured")
    if not result.trials and not result.setbacks:
        _refuse("holds no window and no reason why")


def _require_plan(result: SweepResult) -> None:
    plan = result.plan
    is_bounded = 0 < plan.budget_s <= MOST_BUDGET_S and 0 < plan.window_s <= MOST_BUDGET_S and 0 < plan.precision < 1
    is_counted = 1 <= plan.items <= MOST_ITEMS and 1 <= plan.blocks_least <= plan.blocks_most <= MOST_BLOCKS
    is_named = all(len(name) <= LONGEST_KEY for name in (plan.workload, *(point.model for point in plan.points)))
    points = (*plan.points, plan.baseline, *(each.point for each in (*plan.setbacks, *result.setbacks)))
    if not (is_bounded and is_counted and is_named and all(1 <= point.workers <= MOST_WORKERS for point in points)):
        _refuse("holds a plan that can't be: its budget, items, blocks, workers or names")


def _texts(value: Any) -> Iterator[str]:
    """Every string in it, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        _refuse("does not say when it was measured")


def _refuse(why: str) -> NoReturn:
    raise InvalidInput(f"This result {why}; nothing was kept.", fields={"file": why})
