"""Typed parameters of a workload: declared once, checked the same for form, API and command line."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from dynometer.errors import InvalidInput

P = TypeVar("P")
Scalar = int | float | str


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One declared parameter: its type, default, bounds or choices, unit and help."""

    name: str
    type: type[int] | type[float] | type[str]
    default: Scalar
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def read(self, given: object) -> Scalar:
        """The value of `given` (a JSON scalar, or text from a form).  Raises ValueError with a sentence."""
        if self.type is str:
            return self._read_text(given)
        number = self._read_number(given)
        if self.low is not None and number < self.low:
            raise ValueError(f"must be at least {self.low:,g}, got {number:,g}")
        if self.high is not None and number > self.high:
            raise ValueError(f"must be at most {self.high:,g}, got {number:,g}")
        return number

    def _read_text(self, given: object) -> str:
        if not isinstance(given, str):
            raise ValueError(f"must be text, got {_kind(given)}")
        if self.choices and given not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        return given

    def _read_number(self, given: object) -> int | float:
        wanted = "a whole number" if self.type is int else "a number"
        if isinstance(given, str):
            text = given.strip().replace("_", "")
            if len(text) > 40:
                raise ValueError(f"must be {wanted} of at most 40 digits")
            try:
                given = int(text) if self.type is int else float(text)
            except ValueError:
                raise ValueError(f"must be {wanted}") from None
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise ValueError(f"must be {wanted}, got {_kind(given)}")
        if isinstance(given, float) and not math.isfinite(given):
            raise ValueError(f"must be {wanted}, got {given}")
        if self.type is int and not isinstance(given, int):
            if not given.is_integer():
                raise ValueError(f"must be a whole number, got {given:g}")
            return int(given)
        if self.type is float:
            return float(given) if abs(given) < 1e300 else math.copysign(1e300, given)
        return given


def param(default: Scalar, help: str, *, unit: str = "", low: float | None = None,
          high: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """A dataclass field that declares a parameter; the field's annotation gives its type."""
    about = {"help": help, "unit": unit, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata={"parameter": about})


def declared(schema: type) -> tuple[Parameter, ...]:
    """The parameters that a dataclass of `param` fields declares, in order."""
    return tuple(
        Parameter(name=field.name, type=type(field.default), default=field.default, **field.metadata["parameter"])
        for field in dataclasses.fields(schema)
    )


def read_parameters(schema: type[P], given: Mapping[str, object]) -> P:
    """`given` as a checked instance of `schema`; what is not given takes its default.

    Raises InvalidInput that names every wrong field at once, unknown names too.
    """
    known = {parameter.name: parameter for parameter in declared(schema)}
    errors = {name: f"is not a parameter; there are {', '.join(known) or 'none'}" for name in given.keys() - known.keys()}
    values: dict[str, Scalar] = {}
    for name in given.keys() & known.keys():
        try:
            values[name] = known[name].read(given[name])
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        sentences = "; ".join(f"{name} {sentence}" for name, sentence in sorted(errors.items()))
        raise InvalidInput(f"Parameters do not fit: {sentences}.", fields=errors)
    return schema(**values)


def _kind(given: object) -> str:
    names = {bool: "true or false", str: "text", list: "a list", dict: "an object", type(None): "nothing"}
    return names.get(type(given), type(given).__name__)
