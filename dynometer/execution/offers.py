"""Which execution models this Python can have for a workload, and why not the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from dynometer import workloads
from dynometer.execution import all_models
from dynometer.execution.model import Work


@dataclass(frozen=True)
class Offer:
    """An execution model that can be had, or not."""

    model: str
    is_available: bool
    reason: str = ""  # a sentence when it is not


def offers_for(workload: str, parameters: Mapping[str, object]) -> tuple[Offer, ...]:
    """One for each model: it is available when it can run some variant of the workload here."""
    found = workloads.resolve(workload)
    works = [Work(workload, variant, parameters) for variant in (*found.variants, *found.coroutines)]
    offers = []
    for key, model in all_models().items():
        reasons = [model.why_not(work) for work in works]
        is_available = None in reasons
        offers.append(Offer(key, is_available, "" if is_available else str(reasons[0])))
    return tuple(offers)
