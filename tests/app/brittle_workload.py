"""A workload that fails now and then, and whose values a spreadsheet would run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynometer.errors import ItemFailed
from dynometer.workloads import BUILT_IN
from dynometer.workloads.workload import KnownAnswer, Workload


@dataclass(frozen=True)
class Parameters:
    """It has none."""


def prepare(parameters: Parameters) -> Callable[[Any], Any]:
    def call(item: Any) -> Any:
        if item == 2:
            raise ItemFailed("=HYPERLINK(1) is no number")
        return {0: "=1+1", 1: {"a": [1, None]}, 3: -5, 4: "plain, with a comma", 5: None, 6: True, 7: "@x"}[item]

    return call


BRITTLE = Workload(
    key="brittle", title="Brittle", description="Fails at item 2.", teaches="Failure is a result.",
    parameters=Parameters, variants={"python": prepare}, item_at=lambda index, parameters: index, default_items=8,
    item_help="A small number.", known_answer=KnownAnswer(1, {}, ["=1+1"], "by eye"), max_items=8,
)  # fmt: skip


def with_brittle() -> tuple[dict[str, Workload], dict[str, str]]:
    """What the registry finds when a package with this workload is installed."""
    return {**BUILT_IN, BRITTLE.key: BRITTLE}, {}
