"""A user's items from a file: one JSON list, or one JSON value a line."""

import json
import math
from pathlib import Path
from typing import NoReturn

from dynometer.errors import InvalidInput
from dynometer.workloads.workload import Json

HINT = "Write one JSON list, or one JSON value a line."


def read_items(path: str | Path) -> tuple[Json, ...]:
    """The items in the file.  Raises InvalidInput that names the file, the line and what is wrong there."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise _refusal(f"The items file {path} can't be read: {error.strerror}.", "Check its name.") from None
    except UnicodeDecodeError:
        raise _refusal(f"The items file {path} is not JSON: it is not UTF-8.") from None
    try:
        whole = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        items = [_line(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    else:
        items = whole if isinstance(whole, list) else [whole]
    if not items:
        raise _refusal(f"The items file {path} holds no item.")
    for index, item in enumerate(items):
        if (place := infinite_at(item)) is not None:
            within = f" at {place}" if place else ""
            raise _refusal(f"The items file {path} holds a number beyond the largest float in item {index}{within}.",
                           "Write it as text, or leave it out; items count from 0.")
    return tuple(items)


def infinite_at(item: Json, place: str = "") -> str | None:
    """The place of the first infinite number or NaN in `item`, "" for the item itself; None when there is none.

    JSON has no such numbers, but Python reads 1e400 as infinity.
    """
    if isinstance(item, float):
        return None if math.isfinite(item) else place
    inner = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    return next((found for key, one in inner if (found := infinite_at(one, f"{place}[{json.dumps(key)}]")) is not None),
                None)


def _line(path: str | Path, number: int, line: str) -> Json:
    try:
        return json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise _refusal(f"The items file {path} is not JSON in line {number}: {reason}.") from None


def _refusal(sentence: str, hint: str = HINT) -> InvalidInput:
    return InvalidInput(sentence, fields={"items": sentence}, hint=hint)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
