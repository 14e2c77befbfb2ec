"""What two results must share before their numbers may be set against one another."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from dynometer.errors import DynometerError, InvalidInput
from dynometer.measure import machine as machines
from dynometer.measure.result import SweepResult

OF_THE_PLAN = ("workload", "parameters", "items", "inputs", "start_method")


class NotComparable(DynometerError):
    """These results come from unlike machines or unlike work."""

    exit_status: ClassVar[int] = 7


@dataclass(frozen=True)
class Difference:
    """A fact in which two results differ."""

    fact: str
    a: Any
    b: Any

    def __str__(self) -> str:
        return f"{self.fact}: {_shown(self.a)} against {_shown(self.b)}"


def differences(a: SweepResult, b: SweepResult) -> tuple[Difference, ...]:
    """The facts that forbid to set `a` and `b` against one another; passing ones, such as the load, are none."""
    machine = [Difference(fact, _fact(a, fact), _fact(b, fact))
               for fact in machines.differences(a.environment, b.environment)]
    work = [Difference(name, one, other) for (name, one), other in zip(_work(a).items(), _work(b).values(), strict=True)
            if one != other]
    return (*machine, *work)


def require_alike(a: SweepResult, b: SweepResult, across: Iterable[str] = ()) -> tuple[Difference, ...]:
    """The differences that `across` allows.  Raises NotComparable that names the others; InvalidInput on no fact."""
    allowed = set(across)
    known = [field.name for field in fields(machines.Environment) if field.name not in machines.MAY_DIFFER]
    known += [name for name in OF_THE_PLAN if name not in known]
    if strangers := sorted(allowed - set(known)):
        raise InvalidInput(f"--across {strangers[0][:40]!a}: there is no such fact.",
                           hint=f"There are {', '.join(known)}.")
    found = differences(a, b)
    forbidding = [each for each in found if each.fact.split(".")[0] not in allowed]
    if forbidding:
        options = dict.fromkeys(each.fact.split(".")[0] for each in forbidding)
        raise NotComparable(f"These results can't be compared; they differ in {'; '.join(map(str, forbidding))}.",
                            hint="Measure both on one machine; or, where the difference is what you study, add "
                                 f"{' '.join(f'--across {fact}' for fact in options)}.")
    return found


def _fact(result: SweepResult, fact: str) -> Any:
    name, _, package = fact.partition(".")
    value = getattr(result.environment, name)
    return value.get(package) if package else value


def _work(result: SweepResult) -> dict[str, Any]:
    plan = result.plan
    facts = {name: getattr(plan, name) for name in OF_THE_PLAN}
    facts["parameters"] = json.dumps(dict(plan.parameters), sort_keys=True)
    facts["inputs"] = "generated" if plan.inputs is None else _digest(plan.inputs)
    return facts


def _digest(inputs: Sequence[Any]) -> str:
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True)
    return f"{len(inputs):,} items, SHA-256 {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _shown(value: Any) -> str:
    return "not known" if value is None else str(value)
