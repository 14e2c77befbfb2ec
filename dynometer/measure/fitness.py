"""Whether a function is one that can be measured at all: its values travel as JSON, and are the same each time."""

import json
from collections.abc import Sequence
from typing import Any

from dynometer import workloads
from dynometer.errors import DynometerError
from dynometer.execution.proof import first_difference
from dynometer.measure.naming import Names
from dynometer.workloads.workload import Json


class Unmeasurable(DynometerError):
    """What the function returns can't be compared."""


def require_sayable(value: Any, name: str) -> None:
    """Raises Unmeasurable when JSON can't say `value`, which the item called `name` gave; arrays count as lists."""
    try:
        json.dumps(value, default=_plain)
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is looked at
        raise Unmeasurable(f"The function returns what JSON can't say: {name} gives {_kind(value)}. Return numbers, "
                           "text, lists or objects of them.") from None


def require_same(values: Sequence[Json], again: Sequence[Json], names: Names, workload: str) -> None:
    """Raises Unmeasurable when a second run of the same items gave other values."""
    if again and (wrong := first_difference(values, again, workloads.resolve(workload).tolerance, names.of)):
        raise Unmeasurable(f"The function gives another value each time: called again, {wrong} Values are compared to "
                           "prove that models do the same work: seed what is random, leave out clocks and addresses.")


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError


def _kind(value: Any) -> str:
    return f"a value of the type {type(value).__name__}"
