"""The capacity answer: the smallest number of servers with which the target holds, and what happens with one less."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dynometer.capacity.cautions import warnings
from dynometer.capacity.checks import Unstable, at_most, least_stable, whole
from dynometer.capacity.routing import ARRIVALS, Routed, route
from dynometer.capacity.simulate import Simulation, simulate
from dynometer.capacity.staffing import servers_at_utilisation, square_root_servers
from dynometer.capacity.station import Load, Station, station
from dynometer.capacity.target import Target
from dynometer.capacity.web_tier import UTILISATION, WebNode, nodes_at_utilisation, web_queue
from dynometer.errors import InvalidInput
from dynometer.wording import counted

MOST_SERVERS = 100_000
MOST_LOOKED_AT = 1_000_000  # Erlang's recurrence takes a step per server
SIMULATED, MOST_SIMULATED = 200_000, 2_000_000  # arrivals
LOOKED_AT = 40_000  # arrivals, at each rate that a number of nodes might still bear
FORMAT = 1


@dataclass(frozen=True)
class Outcome:
    """So many servers or nodes, and what happens with them."""

    servers: int
    station: Station | None  # None: the queue grows without end
    missed: tuple[str, ...]  # of the target, each as part of a sentence
    routed: Routed | None = None  # of nodes: requests spread at random over the processes; None: not simulated

    @property
    def holds(self) -> bool:
        return not self.missed


@dataclass(frozen=True)
class CapacityPlan:
    """A plan, as the command line and the API tell it: `plan_json` flattens it, `sentences` says it."""

    load: Load
    target: Target
    unit: str  # what `servers` counts: "servers" or "nodes"
    node: WebNode | None
    chosen: Outcome | None  # None: nothing up to the limit reaches the target
    runner_up: Outcome | None  # one less; None below one
    is_feasible: bool
    reason: str  # a sentence
    spare: int
    holds_up_to_per_s: float | None  # the arrival rate at which the chosen number is no longer enough
    warnings: tuple[str, ...]
    simulation: Simulation | None = None

    @property
    def at_utilisation(self) -> int:
        """By the rule of thumb of 70 % utilisation, to compare"""
        if self.node is not None:
            return nodes_at_utilisation(self.load.arrival_per_s, self.node)
        return servers_at_utilisation(self.load.offered_load)

    @property
    def by_square_root(self) -> int | None:
        """By the rule of thumb a + sqrt(a), to compare; None for nodes"""
        return square_root_servers(self.load.offered_load) if self.node is None else None


def make_plan(
    load: Load,
    target: Target,
    *,
    node: WebNode | None = None,
    spare: int = 0,
    max_servers: int = MOST_SERVERS,
) -> CapacityPlan:
    """The smallest number of servers (of `node`s, where one is given) that reaches `target` under `load`.

    Targets that no number reaches are named as such first.  All targets relax as servers are added, so the search
    doubles and then halves.  Nodes are planned for at most 70 % utilisation unless the target has another, and so that
    the target holds too where a balancer spreads requests at random over their processes.
    Raises InvalidInput for numbers that are no load, no target or no limit.
    """
    whole("spare", spare, 0)
    at_most("max_servers", whole("max_servers", max_servers, 1), MOST_LOOKED_AT)
    if (load.places is None) != (target.rejected_share is None):
        raise InvalidInput(
            "a limited backlog and the share that may be turned away belong together",
            hint="Give both, or neither: a short backlog alone makes any wait short.",
        )
    if node is not None and target.utilisation is None:
        target = replace(target, utilisation=UTILISATION)
    unit = "servers" if node is None else "nodes"
    never = target.why_never(load.service)
    if never is not None:
        return _infeasible(load, target, unit, node, spare, never)
    found = _smallest(lambda count: _holds(load, target, count, node), _least(load, node), max_servers)
    if found is None:
        reason = _beyond(outcome(load, target, max_servers, node), unit)
        return _infeasible(load, target, unit, node, spare, reason)
    return judge(load, target, found, node=node, spare=spare)


def judge(load: Load, target: Target, servers: int, *, node: WebNode | None = None, spare: int = 0) -> CapacityPlan:
    """The plan for a given number of servers or nodes, whether it reaches the target or not."""
    at_most("servers", whole("servers", servers, 1), MOST_LOOKED_AT)
    chosen = outcome(load, target, servers, node)
    runner_up = outcome(load, target, servers - 1, node) if servers > 1 else None
    unit = "servers" if node is None else "nodes"
    limit = _arrival_limit(load, target, servers, node) if chosen.holds and target.limits() else None
    kept = f"{counted(servers, unit.removesuffix('s'))}: {target.promise() or 'nothing was asked of them'}."
    reason = kept if chosen.holds else target.why_never(load.service) or would_not_do(chosen, unit)
    warned = warnings(load, target, chosen.station) if chosen.station else ()
    return CapacityPlan(load, target, unit, node, chosen, runner_up, chosen.holds, reason, spare, limit, warned)


def would_not_do(less: Outcome, unit: str) -> str:
    return f"{counted(less.servers, unit.removesuffix('s'))} would not do: {' and '.join(less.missed)}."


def outcome(load: Load, target: Target, servers: int, node: WebNode | None = None) -> Outcome:
    """What happens with so many servers or nodes, in words where the target is missed."""
    try:
        found = _station(load, servers, node)
        missed = target.misses(found)
        if node is None or load.places is not None:
            return Outcome(servers, found, missed)
        routed = route(load, node, servers, target.quantile)
    except Unstable:
        return Outcome(servers, None, ("work arrives faster than it can be done, and the queue grows without end",))
    apart = tuple(f"{each} with requests spread at random" for each in target.misses(routed))
    return Outcome(servers, found, missed or apart, routed)


def _holds(load: Load, target: Target, servers: int, node: WebNode | None, arrivals: int = ARRIVALS) -> bool:
    """Of nodes both must hold: one queue for all, which costs nothing to ask, and then the simulation."""
    try:
        if not target.holds(_station(load, servers, node)):
            return False
        if node is None or load.places is not None:
            return True
        return target.holds(route(load, node, servers, target.quantile, arrivals=arrivals))
    except Unstable:
        return False


def _station(load: Load, servers: int, node: WebNode | None) -> Station:
    if node is None:
        return station(load, servers)
    found = station(*web_queue(load, node, servers))
    utilisation = found.accepted_per_s / (servers * node.capacity_per_s)
    formula = f"{found.formula}, as if one queue fed all processes"
    return replace(found, servers=servers, utilisation=utilisation, formula=formula, is_exact=False)


def simulated(plan: CapacityPlan, *, arrivals: int | None = None, seed: int = 1) -> CapacityPlan:
    """The same plan with a simulation of what it chose; without one where there is nothing to simulate.

    Unless `arrivals` is given, there are enough for the load, the batches and the quantile.
    """
    if plan.chosen is None or plan.chosen.station is None:
        return plan
    load, servers = plan.load, plan.chosen.servers
    if plan.node is not None:
        load, servers = web_queue(load, plan.node, servers)
    run = simulate(
        load.arrival_per_s, load.service, servers, arrival_cv2=load.arrival_cv2, batch=load.batch, places=load.places,
        arrivals=arrivals or _arrivals(load, plan.target), quantile=plan.target.quantile, seed=seed,
    )  # fmt: skip
    return replace(plan, simulation=run)


def _arrivals(load: Load, target: Target) -> int:
    needed = max(50 * load.offered_load, 500 * load.batch, 100 / (1 - target.quantile))
    return int(min(MOST_SIMULATED, max(SIMULATED, needed)))


def _infeasible(load: Load, target: Target, unit: str, node: WebNode | None, spare: int, reason: str) -> CapacityPlan:
    return CapacityPlan(load, target, unit, node, None, None, False, reason, spare, None, ())


def _least(load: Load, node: WebNode | None) -> int:
    """Fewer can't do the work; 1 where a limited backlog turns the rest away."""
    if load.places is not None:
        return 1
    return least_stable(load.offered_load if node is None else load.arrival_per_s / node.capacity_per_s)


def _smallest(holds: Callable[[int], bool], least: int, most: int) -> int | None:
    """The smallest count in least..most that holds; None when `most` does not.  Once it holds it goes on to."""
    low, high, step = least - 1, least, 1
    while high < most and not holds(high):
        low, high, step = high, high + step, 2 * step
    high = min(high, most)
    if high <= low or high < least or not holds(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _beyond(most: Outcome, unit: str) -> str:
    return (
        f"Infeasible with at most {counted(most.servers, unit.removesuffix('s'))}: {' and '.join(most.missed)}. "
        f"Allow more of them, or relax the target."
    )


def _arrival_limit(load: Load, target: Target, servers: int, node: WebNode | None) -> float:
    """The arrival rate [1/s] up to which `servers` are enough, to three digits; of nodes, simulated, to two."""
    low, high = load.arrival_per_s, 2 * load.arrival_per_s
    apart = 5e-4 if node is None else 0.01

    def is_enough(rate_per_s: float) -> bool:
        return _holds(replace(load, arrival_per_s=rate_per_s), target, servers, node, LOOKED_AT)

    while is_enough(high) and high < 1e6 * load.arrival_per_s:
        low, high = high, 2 * high
    while high - low > apart * high:
        middle = (low + high) / 2
        low, high = (middle, high) if is_enough(middle) else (low, middle)
    return low
