"""How rules come together: a decorator keeps each under its number, and its name is its key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule(Generic[F]):
    number: int  # of the science's table
    key: str  # kebab-case
    apply: F


class Register(Generic[F]):
    """Rules by number.  A number is given once."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule[F]] = {}

    def __call__(self, number: int) -> Callable[[F], F]:
        def keep(function: F) -> F:
            if number in self._rules:
                raise ValueError(f"Rule {number} is {self._rules[number].key} already.")
            self._rules[number] = Rule(number, function.__name__.replace("_", "-"), function)
            return function

        return keep

    def in_order(self) -> tuple[Rule[F], ...]:
        return tuple(self._rules[number] for number in sorted(self._rules))
