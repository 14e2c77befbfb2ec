"""What a sweep can be made of: execution models with a line on each, and the reason why some can't be had."""

import inspect
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dynometer import execution
from dynometer.execution.offers import offers_for
from dynometer.measure.planning import make_plan
from dynometer.workloads.workload import Workload
from store import nodes
from tasks.sweeps import CLUSTER

OF_TESTS = "simulated"
NO_NODE = "No worker node is alive, so there is no fleet to measure."


@dataclass(frozen=True)
class ModelChoice:
    """One execution model of the form."""

    key: str
    title: str
    about: str  # a sentence: when it wins
    costs: str  # the rest of it
    why_not: str  # a sentence; empty for one that can be had
    is_usual: bool
    is_scaled: bool  # has worker counts


def choices_for(session: Session, workload: Workload) -> list[ModelChoice]:
    """In the order of the instrument, the whole fleet last."""
    plan = make_plan(workload.key)
    usual = {point.model for point in plan.points if point not in plan.diagnostic}
    found = []
    for offer in offers_for(workload.key, {}):
        if offer.model == OF_TESTS:
            continue
        model = execution.find(offer.model)
        reason = "" if offer.is_available else offer.reason
        if offer.model == CLUSTER:
            reason = "" if nodes.slots_alive(session) else NO_NODE
        wins, costs = about(model)
        title = "The whole fleet (jobs on worker nodes)" if offer.model == CLUSTER else model.title
        found.append(
            ModelChoice(offer.model, title, wins, costs, reason, offer.model in usual, model.most_workers != 1)
        )
    return sorted(found, key=lambda choice: choice.key == CLUSTER)


def about(model: object) -> tuple[str, str]:
    """The first sentence of its docstring: when it wins, and what that costs."""
    paragraph = " ".join((inspect.getdoc(type(model)) or "").split("\n\n")[0].split())
    wins, _, costs = paragraph.replace(". Costs", "; costs").partition("; costs ")
    return wins.rstrip(".") + ".", f"Costs {costs}" if costs else ""
