"""Typed parameters of a workload: declared once, checked the same for form, API and command line."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from dynometer.errors import InvalidInput

P = TypeVar("P")
Scalar = int | float | str

LONGEST_NUMBER = 40  # characters of text: enough for any bound in use, short enough to convert at once
LONGEST_TEXT = 1_000  # characters
LONGEST_ECHO = 40  # characters of a stranger's word that an error repeats
MOST_ERRORS = 20  # wrong fields that one answer names


class DoesNotFit(ValueError):
    """A value that is not one of its parameter; the message is the rest of the sentence that begins with its name."""


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
    only_generated: bool = False  # shapes the generator's items, and does nothing for those a user sends

    def read(self, given: object) -> Scalar:
        """The value of `given` (a JSON scalar, or text from a form).  Raises DoesNotFit with a sentence."""
        if self.type is str:
            return self._read_text(given)
        number = self._read_number(given)
        if self.low is not None and number < self.low:
            raise DoesNotFit(f"must be at least {_written(self.low)}, got {_written(number)}")
        if self.high is not None and number > self.high:
            raise DoesNotFit(f"must be at most {_written(self.high)}, got {_written(number)}")
        return number

    def _read_text(self, given: object) -> str:
        if not isinstance(given, str):
            raise DoesNotFit(f"must be text, got {_kind(given)}")
        if self.choices and given not in self.choices:
            raise DoesNotFit(f"must be one of {', '.join(self.choices)}")
        if len(given) > LONGEST_TEXT:
            raise DoesNotFit(f"must be at most {LONGEST_TEXT:,} characters, got {len(given):,}")
        if not is_storable(given):
            raise DoesNotFit("must not hold NUL or half of a surrogate pair")
        return given

    def _read_number(self, given: object) -> int | float:
        wanted = "a whole number" if self.type is int else "a number"
        if isinstance(given, str):
            given = _number_in(given, self.type, wanted)
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise DoesNotFit(f"must be {wanted}, got {_kind(given)}")
        if isinstance(given, float) and not math.isfinite(given):
            raise DoesNotFit(f"must be {wanted}, got {given}")
        if self.type is float:
            if abs(given) > 1e300:
                raise DoesNotFit(f"must be between -1e300 and 1e300, got {_written(given)}")
            return float(given) + 0.0  # -0.0 becomes 0.0: equal parameters must also be written alike
        if not isinstance(given, int) and not given.is_integer():
            raise DoesNotFit(f"must be a whole number, got {given:g}")
        return int(given)


def param(default: Scalar, help: str, *, unit: str = "", low: float | None = None,  # noqa: A002 - as forms call it
          high: float | None = None, choices: tuple[str, ...] = (), only_generated: bool = False) -> Any:
    """A dataclass field that declares a parameter; the type of its default is the parameter's type."""
    about = {"help": help, "unit": unit, "low": low, "high": high, "choices": choices, "only_generated": only_generated}
    return dataclasses.field(default=default, metadata={"parameter": about})


def declared(schema: type) -> tuple[Parameter, ...]:
    """The parameters that a dataclass of `param` fields declares, in order."""
    found = []
    for field in dataclasses.fields(schema):
        default: Any = field.default
        found.append(Parameter(name=field.name, type=type(default), default=default, **field.metadata["parameter"]))
    return tuple(found)


def read_parameters(schema: type[P], given: Mapping[str, object]) -> P:
    """`given` as a checked instance of `schema`; what is not given takes its default.

    Raises InvalidInput that names every wrong field at once (at most MOST_ERRORS), unknown names too.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput(f"Parameters must be an object of names and values, got {_kind(given)}.")
    known = {parameter.name: parameter for parameter in declared(schema)}
    errors: dict[str, str] = {}
    values: dict[str, Scalar] = {}
    for name, value in given.items():
        if name not in known:
            errors[_short(name)] = f"is not a parameter; there are {', '.join(known) or 'none'}"
        else:
            try:
                values[name] = known[name].read(value)
            except DoesNotFit as error:
                errors[name] = str(error)
        if len(errors) == MOST_ERRORS:
            break
    if errors:
        sentences = "; ".join(f"{name} {sentence}" for name, sentence in errors.items())
        raise InvalidInput(f"Parameters do not fit: {sentences}.", fields=errors)
    return schema(**values)


def is_storable(text: str) -> bool:
    """Whether a database can keep `text`: PostgreSQL refuses NUL, and UTF-8 has no form for half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _number_in(text: str, kind: type, wanted: str) -> int | float:
    """The number that `text` from a form spells, e.g. 1_000.  Raises DoesNotFit with a sentence."""
    if len(text) > LONGEST_NUMBER:
        raise DoesNotFit(f"must be {wanted} of at most {LONGEST_NUMBER} characters")
    if not text.isascii():
        raise DoesNotFit(f"must be {wanted} in the digits 0 to 9")
    try:
        return int(text) if kind is int else float(text)
    except ValueError:
        raise DoesNotFit(f"must be {wanted}") from None


def _written(number: float) -> str:
    """`number` for a sentence: whole numbers in full, unless they would fill the page."""
    if isinstance(number, int):
        return f"{number:,}" if abs(number) < 10**30 else ("more than 10^30" if number > 0 else "less than -10^30")
    return f"{number:,g}"


def _short(name: object) -> str:
    """A stranger's word, cut and made printable, fit to be repeated in an error."""
    text = str(name)[:LONGEST_ECHO].encode("utf-8", "replace").decode()
    return "".join(character if character.isprintable() else "?" for character in text)


def _kind(given: object) -> str:
    names = {bool: "true or false", str: "text", list: "a list", dict: "an object", type(None): "nothing"}
    return names.get(type(given), "a number" if isinstance(given, int | float) else type(given).__name__)
