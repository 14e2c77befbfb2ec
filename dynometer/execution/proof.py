"""Before anything is timed: does every variant under every model return the reference's values?"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dynometer.errors import DynometerError
from dynometer.execution import find
from dynometer.execution.in_caller import InCaller
from dynometer.execution.work import make_work
from dynometer.workloads import resolve
from dynometer.workloads.workload import Json

LONGEST_VALUE = 60  # characters of a value that a sentence shows


class Outcome(StrEnum):
    """What a proof came to; the last three are the standings of a point that has no curve."""

    EQUAL = "equal"
    VOID = "void"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


@dataclass(frozen=True)
class Proof:
    """Whether a variant under a model answers as the reference does."""

    model: str
    variant: str
    outcome: Outcome
    reason: str = ""  # a sentence unless it is equal


def prove(workload: str, given: Mapping[str, object], pairs: Iterable[tuple[str, str]], items: Sequence[Json],
          item_count: int, start_method: str, workers: int = 2) -> list[Proof]:
    """One proof for each (model, variant) of `pairs`, in order; `items` are what is compared, of a job of `item_count`.

    The reference is the default variant, one call after the other.  Raises what that raises (CallFailed: there is
    nothing to measure), and NotFound or InvalidInput for an unknown workload, model or parameter; a pair that answers
    wrongly, fails or can't be had is a fact.
    """
    subject = resolve(workload)
    expected = InCaller(make_work(workload, subject.default_variant, given, item_count)).run(items, 1)

    def judged(key: str, variant: str) -> Proof:
        model = find(key)
        work = make_work(workload, variant, given, item_count)
        if reason := model.why_not(work):
            return Proof(key, variant, Outcome.UNAVAILABLE, reason)
        try:
            with model.crew(work, min(workers, model.most_workers or workers), start_method) as crew:
                values = crew.run(items, 1)
        except DynometerError as error:
            return Proof(key, variant, Outcome.FAILED, str(error))
        if wrong := first_difference(expected, values, subject.tolerance):
            return Proof(key, variant, Outcome.VOID, f"{variant} under {key}: {wrong}")
        return Proof(key, variant, Outcome.EQUAL)

    return [judged(key, variant) for key, variant in pairs]


def first_difference(expected: Sequence[Json], values: Sequence[Json], tolerance: float = 0.0,
                     name: Callable[[int], str] = "item {}".format) -> str | None:
    """The sentence that names the first item whose value differs; None when all agree within the relative tolerance."""
    if len(values) != len(expected):
        return f"there are {len(values)} values instead of {len(expected)}."
    for index, (value, known) in enumerate(zip(values, expected, strict=True)):
        if not agree(value, known, tolerance):
            return f"{name(index)} gives {_shown(value)} instead of {_shown(known)}."
    return None


def agree(value: Any, known: Any, tolerance: float) -> bool:
    """Equal; numbers within the relative `tolerance`, NaN as itself, arrays as the lists they hold."""
    value, known = _plain(value), _plain(known)
    if isinstance(known, dict) and isinstance(value, dict):
        return value.keys() == known.keys() and all(agree(value[key], known[key], tolerance) for key in known)
    if isinstance(known, list | tuple) and isinstance(value, list | tuple):
        return len(value) == len(known) and all(agree(*pair, tolerance) for pair in zip(value, known, strict=True))
    if isinstance(known, bool) != isinstance(value, bool):
        return False  # Python has True == 1, JSON has not
    if isinstance(known, float) and isinstance(value, int | float):
        if math.isnan(known) or math.isnan(value):
            return math.isnan(known) and math.isnan(value)
        return value == known or (bool(tolerance) and math.isclose(value, known, rel_tol=tolerance))
    try:
        return bool(value == known)
    except Exception:  # noqa: BLE001 - a stranger's __eq__ may do anything
        return False


def _plain(value: Any) -> Any:
    """NumPy's arrays and numbers as Python's."""
    return value.tolist() if hasattr(value, "tolist") else value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
