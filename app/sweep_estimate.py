"""What a new sweep would measure and how long that takes, before anybody starts it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.sweep_form import SweepForm, sweep_request
from dynometer.errors import DynometerError, InvalidInput
from dynometer.execution import find
from dynometer.measure.planning import default_workers
from settings import Settings
from store import nodes
from tasks.sweep_fleet import BLOCKS, BUDGET_SHARE, LEAST_JOB_S, LONGEST_JOB_S
from tasks.sweeps import SweepRequest, plan_for

WINDOW_COSTS = 1.3  # times its length: starting and warming up workers, the baseline at the end of a block
LONGEST_COSTS = 2.0  # an item may end long after its window would


@dataclass(frozen=True)
class Estimate:
    """Points, and seconds as a range; `error` when the form does not fit yet."""

    points: int = 0
    windows: int = 0  # at least, of all points together
    low_s: float = 0.0
    high_s: float = 0.0
    budget_s: float = 0.0
    is_cut: bool = False  # the budget ends before every point has its fewest windows
    beyond: tuple[int, ...] = ()  # worker counts above the usable CPUs
    cpus: float = 0.0
    unavailable: tuple[str, ...] = ()  # sentences
    error: str = ""


def estimate_of(session: Session, form: SweepForm, settings: Settings) -> Estimate:
    """Of the form as it is."""
    try:
        return estimated(session, sweep_request(form, session, settings), settings)
    except InvalidInput as error:
        return Estimate(error="The plan shows once every field fits." if error.fields else str(error))
    except DynometerError as error:
        return Estimate(error=str(error))


def estimated(session: Session, request: SweepRequest, settings: Settings) -> Estimate:
    """Raises what `plan_for` does."""
    planned, cpus = plan_for(session, request, settings), nodes.most_cpus(session)
    plan, cluster = planned.plan, planned.cluster_workers
    points = len(plan.points) + len(cluster)
    windows = len(plan.points) * plan.blocks_least - 2 * len(plan.diagnostic)
    least_s = windows * plan.window_s * WINDOW_COSTS
    fleet_windows = BLOCKS * len(cluster)
    fleet_low_s, fleet_high_s = (min(plan.budget_s * BUDGET_SHARE, fleet_windows * each_s)
                                 for each_s in (LEAST_JOB_S, LONGEST_JOB_S))  # fmt: skip
    scaled = {point.workers for point in plan.points if find(point.model).most_workers != 1} | set(cluster)
    reasons = dict.fromkeys(f"{setback.point.model}: {setback.reason}" for setback in plan.setbacks)
    return Estimate(
        points=points, windows=windows + fleet_windows, low_s=min(least_s, plan.budget_s) + fleet_low_s,
        high_s=min(plan.budget_s, least_s * LONGEST_COSTS) + fleet_high_s,
        budget_s=plan.budget_s * (1 + BUDGET_SHARE if cluster else 1), is_cut=least_s >= plan.budget_s, cpus=cpus,
        beyond=tuple(sorted(count for count in scaled if count > cpus)), unavailable=tuple(reasons),
    )  # fmt: skip


def usual_workers(session: Session) -> str:
    """The worker counts that suit the fleet."""
    return ", ".join(map(str, default_workers(nodes.most_cpus(session))))
