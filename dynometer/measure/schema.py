"""The JSON Schema of a result file, drawn from the types themselves: it can't say anything else than they do."""

import dataclasses
from enum import StrEnum
from typing import Any

from dynometer.measure.codec import fields_of, has_default, parts_of
from dynometer.measure.result import FORMAT, SweepResult

SCALARS = {bool: "boolean", int: "integer", float: "number", str: "string"}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `dynometer.measure.result.dumps` writes."""
    definitions: dict[str, Any] = {}
    _define(SweepResult, definitions)
    definitions["SweepResult"]["properties"]["format"] = {"const": FORMAT}
    definitions["SweepResult"]["required"].append("format")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A sweep of Dynometer",
        "$ref": "#/$defs/SweepResult",
        "$defs": definitions,
    }


def _define(kind: type, definitions: dict[str, Any]) -> None:
    if kind.__name__ in definitions:
        return
    about: dict[str, Any] = {"type": "object", "additionalProperties": False, "description": _first_line(kind)}
    definitions[kind.__name__] = about
    about["properties"] = {name: _form_of(hint, definitions) for name, hint in fields_of(kind).items()}
    about["required"] = [field.name for field in dataclasses.fields(kind) if not has_default(field)]


def _form_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    form, inner = parts_of(kind)
    if form == "union":
        return {"anyOf": [_form_of(member, definitions) for member in inner]}
    if form == "list":
        return {"type": "array", "items": _form_of(inner[0], definitions)}
    if form == "map":
        return {"type": "object", "additionalProperties": _form_of(inner[0], definitions)}
    if kind is Any:
        return {}
    if kind is type(None):
        return {"type": "null"}
    if dataclasses.is_dataclass(kind):
        _define(kind, definitions)  # type: ignore[arg-type]  # a class, as it comes from a hint
        return {"$ref": f"#/$defs/{kind.__name__}"}  # type: ignore[union-attr]
    if issubclass(kind, StrEnum):
        return {"enum": [str(member) for member in kind]}
    return {"type": SCALARS[kind]}


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").splitlines()[0]
