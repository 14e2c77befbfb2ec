"""Rows 14 to 16: beyond one node, beyond one run, and the shared dictionary."""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity
from dynometer.advice.messages import call_s
from dynometer.advice.options import Option, is_usable, leading, measured, of_model
from dynometer.advice.thresholds import (
    MANAGER_OPERATIONS_PER_S,
    NODE_BUSY,
    NODE_EFFICIENCY,
    STARTUP_FACTOR,
    STARTUP_S,
)
from dynometer.estimate import Estimate
from dynometer.wording import gain, hundredths, seconds, times


@RULES(14)
def more_nodes(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """All cores of this node are busy and the job is long: the next gain is another machine."""
    best = leading(one for one in measured(facts) if one.model != "cluster")
    if best is None or best.gain is None or not _has_cluster(facts) or diagnosis.names(Kind.IO, Kind.IO_SERIAL):
        return None
    busy = _node_share(facts, best)
    item_s = call_s(facts)
    left_s = facts.item_count * item_s / best.gain.value if item_s else 0.0
    if busy <= NODE_BUSY or left_s < STARTUP_FACTOR * STARTUP_S["cluster"]:
        return None
    each, source = _per_node(facts, best)
    nodes = facts.nodes
    if each.value < NODE_EFFICIENCY:
        return Finding(
            Severity.NOTE,
            f"A further node brings {times(each.value)} of the first.",
            "Find what the nodes share before adding more of them.",
            "An efficiency of .8 and more.",
        )
    band = (
        Estimate(*(nodes * one * best.gain.value for one in (each.value, each.low, each.high))) if nodes > 1 else None
    )
    return Finding(
        Severity.NOTE,
        f"{best.model} with {best.workers} keeps {min(busy, 1.0) * 100:.0f} % of this node's CPUs busy, and the"
        f" job takes {seconds(left_s)} on it.",
        f"Spread the job over {nodes if nodes > 1 else 'several'} nodes (cluster).",
        "A job that ends within a minute; an efficiency below .8 once nodes are measured.",
        gain=band,
        gain_source=source if band else None,
        model="cluster",
        variant=best.variant,
        expects="" if band else f"each further node {hundredths(each.low)} to {hundredths(each.high)} of the first",
    )


def _has_cluster(facts: Facts) -> bool:
    """Whether further nodes are within reach, or were measured."""
    is_there = facts.nodes > 1 or facts.curve("cluster") is not None or "cluster" in facts.available_models
    return is_there and is_usable(facts, "cluster")


def _node_share(facts: Facts, best: Option) -> float:
    """Cores in use over those usable, by the gain of computing workers; a roofline that was reached is a full node."""
    law = next(
        (curve.law for curve in facts.curves if (curve.model, curve.variant) == (best.model, best.variant)), None
    )
    if law and law.law == "roofline" and best.workers >= cores(facts):
        return 1.0
    base = [one for one in of_model(facts, best.model, variant=best.variant) if one.workers == 1 and one.gain]
    first = base[0].gain.value if base and base[0].gain else 1.0
    return (best.gain.value / first if best.gain else 0.0) / facts.cpus_usable


def _per_node(facts: Facts, best: Option) -> tuple[Estimate, GainSource]:
    """S(nodes) / nodes: measured, or what a cluster should reach."""
    reached = leading(of_model(facts, "cluster", variant=best.variant))
    if facts.nodes > 1 and reached and reached.gain and best.gain:
        scale = facts.nodes * best.gain.value
        each = reached.gain
        return Estimate(each.value / scale, each.low / scale, each.high / scale), GainSource.MEASURED
    return Estimate((1 + NODE_EFFICIENCY) / 2, NODE_EFFICIENCY, 1.0), GainSource.PREDICTED


@RULES(15)
def long_lived_daemons(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Services with a loop of their own, to be restarted when they die."""
    if not facts.is_service or not is_usable(facts, "daemons", facts.base_variant):
        return None
    reached = [one for one in of_model(facts, "daemons", variant=facts.base_variant) if one.gain]
    best = leading(reached)
    return Finding(
        Severity.NOTE,
        "The work is a long-lived service with a loop of its own.",
        f"Run it as {cores(facts)} supervised daemons (daemons): one that dies comes back.",
        "Work that ends: then a pool of processes is simpler.",
        gain=best.gain if best else None,
        gain_source=GainSource.MEASURED if best else None,
        model="daemons",
        variant=facts.base_variant,
        workers=best.workers if best else cores(facts),
        expects="" if best else "what processes bring",
    )


@RULES(16)
def manager_round_trips(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """A shared mutable dict behind a manager: every operation is a message and its answer."""
    rate = facts.shared_operations_per_s
    if rate is None:
        return None
    most = MANAGER_OPERATIONS_PER_S
    if rate >= most:
        return Finding(
            Severity.WARNING,
            f"The shared dict sees {rate:,.0f} operations/s; each is a round trip.",
            "Do not put it behind a manager: let workers return values, and merge them once.",
            f"Fewer than {most:,.0f} operations/s.",
            expects="round trips avoided",
        )
    if not is_usable(facts, "processes-manager", facts.base_variant):
        return None
    reached = leading(one for one in of_model(facts, "processes-manager", variant=facts.base_variant) if one.gain)
    evidence = f"The shared dict sees {rate:,.0f} operations/s, below the {most:,.0f} that round trips bear"
    evidence += f"; measured {gain(reached.gain)}." if reached and reached.gain else "."
    return Finding(
        Severity.NOTE,
        evidence,
        "Processes with a manager will do; the dict stays the interface.",
        f"{most:,.0f} operations/s and more.",
        gain=reached.gain if reached else None,
        gain_source=GainSource.MEASURED if reached else None,
        model="processes-manager",
        variant=facts.base_variant,
        workers=reached.workers if reached else cores(facts),
    )
