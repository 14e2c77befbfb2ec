"""A capacity plan as JSON and as sentences: the same numbers for a program and for a person."""

from dataclasses import asdict
from typing import Any

from dynometer.capacity.backlog import FiniteQueue
from dynometer.capacity.gg_c import sakasegawa_wait_mean_s
from dynometer.capacity.mmc import MMc
from dynometer.capacity.plan import FORMAT, CapacityPlan, Outcome, would_not_do
from dynometer.capacity.routing import Routed
from dynometer.capacity.simulate import Simulation
from dynometer.capacity.station import Station
from dynometer.capacity.target import Target, quantile_name
from dynometer.capacity.web_tier import WebNode
from dynometer.estimate import Estimate
from dynometer.wording import counted, number, percent, seconds


def plan_json(plan: CapacityPlan) -> dict[str, Any]:
    """One flat object, None for what does not exist: numbers of the chosen count, those of one less in `runner_up`."""
    chosen = plan.chosen
    return {
        "format": FORMAT,
        "feasible": plan.is_feasible,
        "reason": plan.reason,
        "unit": plan.unit,
        "servers": chosen.servers if chosen else None,
        "spare": plan.spare,
        "servers_with_spare": chosen.servers + plan.spare if chosen else None,
        "offered_load": plan.load.offered_load,
        "service_s": plan.load.service.mean_s,
        "service_cv2": plan.load.service.cv2,
        "service_quantile_s": plan.load.service.quantile_s(plan.target.quantile),
        "quantile": plan.target.quantile,
        **_numbers(chosen, plan.target),
        "p_empty": _p_empty(plan),
        "wait_mean_sakasegawa_s": _sakasegawa_s(plan),
        "runner_up": _runner_up(plan.runner_up, plan.target),
        "holds_up_to_per_s": plan.holds_up_to_per_s,
        "rules_of_thumb": {"at_utilisation_70": plan.at_utilisation, "square_root": plan.by_square_root},
        "web_tier": _web_tier(plan.node, chosen) if plan.node else None,
        "simulation": _simulation(plan.simulation, plan.target) if plan.simulation else None,
        "warnings": list(plan.warnings),
        "sentences": sentences(plan),
    }


def sentences(plan: CapacityPlan) -> list[str]:
    """The answer first, then why, then what would change it."""
    said = [plan.reason]
    found = plan.chosen.station if plan.chosen else None
    if plan.chosen and found:
        p = quantile_name(plan.target.quantile)
        said.append(
            f"{number(plan.load.offered_load)} erlang arrive, utilisation {percent(found.utilisation)}; "
            f"{percent(found.p_wait)} wait. Wait: mean {seconds(found.wait_mean_s)}, "
            f"{p} {seconds(found.wait.quantile_s(plan.target.quantile))}. Response: mean "
            f"{seconds(found.response_mean_s)}, {p} {seconds(found.response_quantile_s(plan.target.quantile))}."
        )
        exact = "exact" if found.is_exact else "an approximation"
        said.append(f"Formula: {found.formula}, {exact}; {plan.load.service.name} service.")
    if plan.chosen and plan.chosen.routed:
        said.append(_routed_sentence(plan.chosen.routed, plan.target))
    if plan.node:
        said.append(_web_sentence(plan.node))
    if plan.chosen and plan.chosen.holds and plan.runner_up and plan.runner_up.missed:
        said.append(would_not_do(plan.runner_up, plan.unit))
    if plan.holds_up_to_per_s is not None:
        said.append(f"Enough for up to {number(plan.holds_up_to_per_s, 4)} arrivals/s; above, plan again.")
    if plan.chosen and plan.spare:
        total = counted(plan.chosen.servers + plan.spare, plan.unit.removesuffix("s"))
        said.append(f"With {plan.spare} to spare: {total}; the target still holds when so many are lost.")
    if plan.simulation:
        queue = ", as if one queue fed all processes" if plan.node else ""
        said.append(_simulation_sentence(plan.simulation, plan.target, queue))
    return said


def _numbers(chosen: Outcome | None, target: Target) -> dict[str, Any]:
    found = chosen.station if chosen else None
    return {
        "utilisation": found.utilisation if found else None,
        "p_wait": found.p_wait if found else None,
        "wait_mean_s": found.wait_mean_s if found else None,
        "wait_quantile_s": found.wait.quantile_s(target.quantile) if found else None,
        "response_mean_s": found.response_mean_s if found else None,
        "response_quantile_s": found.response_quantile_s(target.quantile) if found else None,
        "queue_mean": found.queue_mean if found else None,
        "in_system_mean": found.in_system_mean if found else None,
        **_within(found, target),
        "rejected_share": found.rejected_share if found else None,
        "accepted_per_s": found.accepted_per_s if found else None,
        "formula": found.formula if found else None,
        "is_exact": found.is_exact if found else None,
    }


def _p_empty(plan: CapacityPlan) -> float | None:
    """Of the queues whose states are known: M/M/c, with and without a limit."""
    load, chosen = plan.load, plan.chosen
    if plan.node or not chosen or not chosen.station or not chosen.station.is_exact or load.batch > 1:
        return None
    if load.places is not None:
        return float(FiniteQueue(load.arrival_per_s, load.service.mean_s, chosen.servers, load.places).states[0])
    return MMc(load.arrival_per_s, load.service.mean_s, chosen.servers).p_empty


def _sakasegawa_s(plan: CapacityPlan) -> float | None:
    """The other approximation of the mean wait, to compare; of single arrivals at plain servers."""
    load, chosen = plan.load, plan.chosen
    if plan.node or not chosen or not chosen.station or load.batch > 1 or load.places is not None:
        return None
    return sakasegawa_wait_mean_s(
        load.arrival_per_s, load.service.mean_s, chosen.servers, load.arrival_cv2, load.service.cv2
    )


def _within(found: Station | None, target: Target) -> dict[str, float | None]:
    """The service level: the share that is within the target's time."""
    wait_s, response_s = target.wait_s, target.response_s
    return {
        "wait_within_share": 1 - found.wait.tail(wait_s) if found and wait_s is not None else None,
        "response_within_share": 1 - found.response_tail(response_s) if found and response_s is not None else None,
    }


def _runner_up(one_less: Outcome | None, target: Target) -> dict[str, Any] | None:
    if one_less is None:
        return None
    return {
        "servers": one_less.servers,
        "stable": one_less.station is not None,
        "holds": one_less.holds,
        "reason": " and ".join(one_less.missed),
        "random_routing": _routed(one_less.routed) if one_less.routed else None,
        **_numbers(one_less, target),
    }


def _web_tier(node: WebNode, chosen: Outcome | None) -> dict[str, Any]:
    routed = chosen.routed if chosen else None
    return {
        "random_routing": _routed(routed) if routed else None,
        **asdict(node),
        "process_capacity_per_s": node.process_per_s,
        "node_capacity_per_s": node.capacity_per_s,
        "bottleneck": node.bottleneck,
        "threads_enough": node.threads_enough,
        "worth_servers": node.worth_servers,
    }


def _routed(routed: Routed) -> dict[str, Any]:
    """What the plan of nodes goes by; the numbers beside it are those of one queue for all."""
    return {
        "processes": routed.processes, "arrivals": routed.arrivals, "seed": routed.seed, **asdict(routed.times),
    }  # fmt: skip


def _routed_sentence(routed: Routed, target: Target) -> str:
    p, times = quantile_name(target.quantile), routed.times
    return (
        f"With requests spread at random over the {_processes(routed.processes)}, as a balancer may: "
        f"{p} of the wait {_spanned(times.wait_quantile_s)}, of the response {_spanned(times.response_quantile_s)}, by "
        f"simulation of {routed.arrivals:,} arrivals at one of them (seed {routed.seed}). The plan goes by these."
    )


def _spanned(found: Estimate) -> str:
    return f"{seconds(found.value)} ({seconds(max(0.0, found.low))} to {seconds(found.high)})"


def _web_sentence(node: WebNode) -> str:
    enough = f"; {node.threads_enough} threads per process are enough" if node.threads_enough else ""
    return (
        f"A node of {_processes(node.processes)} x {counted(node.threads, 'thread')} serves at most "
        f"{number(node.capacity_per_s)}/s: its {node.bottleneck} {'are' if node.bottleneck[-1] == 's' else 'is'} "
        f"full first{enough}."
    )


def _processes(count: int) -> str:
    return f"{count} process{'es' if count != 1 else ''}"


def _simulation(run: Simulation, target: Target) -> dict[str, Any]:
    return {**asdict(run), "holds": _holds(run, target)}


def _simulation_sentence(run: Simulation, target: Target, queue: str) -> str:
    p = quantile_name(target.quantile)
    spans = ", ".join(
        f"{p} of the {name} {_spanned(found)}"
        for name, found in (("wait", run.wait_quantile_s), ("response", run.response_quantile_s))
    )
    said = f"Simulation of {run.arrivals:,} arrivals (seed {run.seed}){queue}: {spans}"
    if target.wait_s is None and target.response_s is None:
        return f"{said}."
    judged = {True: "the target holds there too", False: "the target is missed there", None: "too close to tell"}
    return f"{said}; {judged[_holds(run, target)]}."


def _holds(run: Simulation, target: Target) -> bool | None:
    """Whether the simulation keeps the target's times; None where a limit is within its uncertainty, or none is set."""
    pairs = ((target.wait_s, run.wait_quantile_s), (target.response_s, run.response_quantile_s))
    limits = [(limit, found) for limit, found in pairs if limit is not None]
    if any(found.low > limit for limit, found in limits):
        return False
    return True if limits and all(found.high <= limit for limit, found in limits) else None
