"""What advice asks and no sweep can measure: told by the user as NAME=VALUE."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dynometer.advice.facts import Facts
from dynometer.errors import InvalidInput


def _number(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError
    return value


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise ValueError
    return value


def _share(text: str) -> float:
    if (value := _number(text)) > 1:
        raise ValueError
    return value


def _truth(text: str) -> bool:
    return {"yes": True, "no": False}[text.strip().lower()]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


Kind = tuple[Callable[[str], Any], str]
NUMBER: Kind = (_number, "a number above 0")
COUNT: Kind = (_count, "a whole number, 1 or above")
SHARE: Kind = (_share, "a share above 0, at most 1")
OF_FACTS: dict[str, Kind] = {
    "wanted-rate-per-s": NUMBER,
    "concurrency-limit": COUNT,
    "nodes": COUNT,
    "workers-in-use": COUNT,
    "is-service": (_truth, "yes or no"),
    "shared-operations-per-s": NUMBER,
    "unsafe-extensions": (_names, "names with commas between"),
}
OF_OBSERVABLES: dict[str, Kind] = {
    "held-share": SHARE,
    "faults-per-item": NUMBER,
    "working-set-bytes": COUNT,
    "l2-bytes": COUNT,
}
NAMES = (*OF_FACTS, *OF_OBSERVABLES)


@dataclass(frozen=True)
class Given:
    """Fields of `Facts` and of its observables, by name."""

    facts: dict[str, Any] = field(default_factory=dict)
    observables: dict[str, Any] = field(default_factory=dict)

    def beside(self, facts: Facts) -> Facts:
        """`facts` with what was given."""
        return replace(facts, **self.facts, observables=replace(facts.observables, **self.observables))


def read_given(texts: Iterable[str]) -> Given:
    """What `texts` spell.  Raises InvalidInput on the first that names nothing advice asks, or has no such value."""
    given = Given()
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in NAMES:
            raise InvalidInput(f"--given {text[:80]!a}: advice asks nothing of that name.",
                               hint=f"It asks {', '.join(NAMES)}, each as NAME=VALUE.")
        read, what = (OF_FACTS | OF_OBSERVABLES)[name]
        place = given.facts if name in OF_FACTS else given.observables
        try:
            place[name.replace("-", "_")] = read(value)
        except (ValueError, KeyError, OverflowError):
            raise InvalidInput(f"--given {text[:80]!a}: {name} must be {what}.",
                               hint=f"Write it as {name}=VALUE.") from None
    return given
