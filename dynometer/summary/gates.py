"""Gates: conditions on a report that fail a build, e.g. `speedup(pool,2) < 1.6`.

    gate     = name "(" model [ "," variant ] "," workers ")" operator number [ "%" ]
    name     = speedup | throughput | efficiency | change
    operator = < | <= | > | >=

`throughput` is in items/s, `efficiency` is speed-up per worker, `change` is B over A minus 1: only `compare` knows it.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}
OF_ONE_RESULT = ("speedup", "throughput", "efficiency")
CHANGE = "change"
GRAMMAR = re.compile(r"\s*(?P<name>[a-z]+)\s*\(\s*(?P<model>[A-Za-z][A-Za-z0-9_.:=-]*)\s*"
                     r"(?:,\s*(?P<variant>[A-Za-z][A-Za-z0-9_.-]*)\s*)?"
                     r",\s*(?P<workers>\d{1,6})\s*\)\s*(?P<operator><=|>=|<|>)\s*"
                     r"(?P<limit>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(?P<percent>%?)\s*")
NAMED = {"pass": "met", "fail": "not met", "undecided": "undecided"}
EXAMPLE = 'A gate reads like "speedup(pool,2) < 1.6" or "throughput(threads,numpy,4) < 100".'


@dataclass(frozen=True)
class Gate:
    """One condition; the build fails when it holds."""

    text: str
    name: str
    model: str
    variant: str | None  # None: the baseline's, or the only one there is
    workers: int
    operator: str
    limit: float


class Decision(StrEnum):
    """Of a gate, by the whole 95 % interval of its value."""

    MET = "pass"  # the condition holds nowhere in the interval
    NOT_MET = "fail"  # everywhere in it
    UNDECIDED = "undecided"  # the interval includes the limit: more windows would decide


@dataclass(frozen=True)
class Judged:
    """A gate beside what was measured."""

    gate: Gate
    value: Estimate | None  # None: nothing valid was measured there
    decision: Decision
    sentence: str

    @property
    def is_met(self) -> bool | None:
        """None: undecided"""
        return None if self.decision is Decision.UNDECIDED else self.decision is Decision.MET


def read_gates(texts: Iterable[str], names: Sequence[str] = OF_ONE_RESULT) -> tuple[Gate, ...]:
    """The gates that `texts` spell.  Raises InvalidInput on the first that is none, or whose name is not in `names`."""
    return tuple(_read(text, names) for text in texts)


def _read(text: str, names: Sequence[str]) -> Gate:
    found = GRAMMAR.fullmatch(text)
    if not found:
        raise InvalidInput(f"--fail-if {text[:80]!a} is no gate.", hint=EXAMPLE)
    if found["name"] not in names:
        raise InvalidInput(f"--fail-if {text[:80]!a}: there is no {found['name']!a} here.",
                           hint=f"There are {', '.join(names)}.")
    limit = float(found["limit"]) / (100 if found["percent"] else 1)
    return Gate(text.strip(), found["name"], found["model"], found["variant"], int(found["workers"]),
                found["operator"], limit)


def point_of(gate: Gate, points: Iterable[Point], baseline: Point) -> Point:
    """The point that `gate` speaks of.  Raises InvalidInput when none, or more than one, is meant."""
    known = list(points)
    fitting = [point for point in known if (point.model, point.workers) == (gate.model, gate.workers)
               and gate.variant in (None, point.variant)]
    if len(fitting) > 1:
        fitting = [point for point in fitting if point.variant == baseline.variant] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        variants = ", ".join(point.variant for point in fitting)
        raise InvalidInput(f"--fail-if {gate.text!a} may mean several variants: {variants}.", hint=EXAMPLE)
    there = ", ".join(f"{point.model},{point.variant},{point.workers}" for point in known[:20])
    raise InvalidInput(f"--fail-if {gate.text!a} names a point that is not in the sweep.",
                       hint=f"There are {there}{', ...' if len(known) > 20 else ''}.")


def judge(gate: Gate, value: Estimate | None) -> Judged:
    """Whether the build may pass: what was not measured can't be shown to be good, so it does not pass.

    Decided by the interval: a value beside its limit by chance neither passes nor fails.
    """
    if value is None:
        sentence = f"Gate not met: {gate.text} can't be judged, for nothing valid was measured there."
        return Judged(gate, None, Decision.NOT_MET, sentence)
    ends = {OPERATORS[gate.operator](end, gate.limit) for end in (value.low, value.high)}
    decision = Decision.UNDECIDED if len(ends) > 1 else Decision.NOT_MET if True in ends else Decision.MET
    interval = f"95 % interval {value.low:.4g} to {value.high:.4g}" if math.isfinite(value.high) else "interval unknown"
    doubt = "; the interval includes the limit: measure more windows" if decision is Decision.UNDECIDED else ""
    sentence = f"Gate {NAMED[decision]}: fail if {gate.text}; measured {value.value:.4g}, {interval}{doubt}."
    return Judged(gate, value, decision, sentence)
