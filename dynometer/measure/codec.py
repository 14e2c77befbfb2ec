"""The instrument's dataclasses as JSON and back: exactly, and with the place named where something does not fit."""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Misfit(ValueError):
    """JSON that is not what a type asks for; the message begins with the place."""


def to_json(value: Any) -> Any:
    """`value` in dicts, lists and scalars."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(inner) for inner in value]
    return str(value) if isinstance(value, StrEnum) else value


def from_json(kind: type[T], data: Any, place: str = "") -> T:
    """`data` as an instance of the dataclass `kind`.  Raises Misfit that names the place."""
    if not isinstance(data, Mapping):
        raise Misfit(f"{place or 'it'} must be an object")
    hints = fields_of(cast("Any", kind))  # a class: hashable, whatever mypy thinks of dataclasses
    if unknown := data.keys() - hints.keys():
        raise Misfit(f"{_at(place, min(unknown))} is not a field of {kind.__name__}")
    values = {name: _read(hint, data[name], _at(place, name)) for name, hint in hints.items() if name in data}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # every `kind` is a dataclass
        if field.name not in data and not has_default(field):
            raise Misfit(f"{_at(place, field.name)} is missing")
    return kind(**values)


@cache
def fields_of(kind: type) -> dict[str, Any]:
    """Field name -> its type, in order."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def parts_of(kind: Any) -> tuple[str, tuple[Any, ...]]:
    """What a field's type is made of: ("union", members), ("list", (element,)), ("map", (value,)) or ("one", ())."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return "union", inner
    if origin is tuple:
        return "list", inner[:1]
    if origin is not None and issubclass(origin, Mapping):
        return "map", inner[1:]
    return "one", ()


def _read(kind: Any, data: Any, place: str) -> Any:
    if kind is Any:
        return data
    form, inner = parts_of(kind)
    if form == "union":
        if data is None and type(None) in inner:
            return None
        [wanted] = [member for member in inner if member is not type(None)]
        return _read(wanted, data, place)
    if form == "list":
        if not isinstance(data, list):
            raise Misfit(f"{place} must be a list")
        return tuple(_read(inner[0], element, f"{place}[{index}]") for index, element in enumerate(data))
    if form == "map":
        if not isinstance(data, dict):
            raise Misfit(f"{place} must be an object")
        return {name: _read(inner[0], value, _at(place, name)) for name, value in data.items()}
    if dataclasses.is_dataclass(kind):
        return from_json(cast("type[Any]", kind), data, place)
    return _scalar(kind, data, place)


def _scalar(kind: Any, data: Any, place: str) -> Any:
    if issubclass(kind, StrEnum):
        if data not in [str(member) for member in kind]:
            raise Misfit(f"{place} must be one of {', '.join(kind)}")
        return kind(data)
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    fits = isinstance(data, int | float if kind is float else kind) and (kind is bool or not isinstance(data, bool))
    if not fits or (isinstance(data, float) and not math.isfinite(data)):
        raise Misfit(f"{place} must be {names[kind]}")
    return data


def _at(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)
