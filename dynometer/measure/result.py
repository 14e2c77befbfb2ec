"""What a sweep left behind: every raw window with the machine behind it, as versioned JSON."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dynometer.errors import InvalidInput
from dynometer.execution.offers import Offer
from dynometer.measure.codec import Misfit, from_json, to_json
from dynometer.measure.machine import Environment
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Probe, Setback, Trial

FORMAT = 1


@dataclass(frozen=True)
class SweepResult:
    """Everything measured, the rejected windows too."""

    plan: Plan
    environment: Environment
    started_at: str  # RFC 3339, UTC
    elapsed_s: float
    state: str  # "finished": every point is precise enough or out of blocks; "budget"; "stopped"
    trials: tuple[Trial, ...]
    setbacks: tuple[Setback, ...]
    probes: tuple[Probe, ...]
    models: tuple[Offer, ...] = ()  # all there are, and why some could not be had
    ending: str = ""  # a sentence when the budget ended it
    format: int = FORMAT


def dumps(result: SweepResult) -> str:
    """`result` as JSON that `loads` reads back equal, every float to its last bit.  Raises InvalidInput on NaN."""
    try:
        return json.dumps({"format": result.format} | to_json(result), indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"This result can't be written as JSON: {error}.") from None


def loads(text: str, name: str = "The result") -> SweepResult:
    """The result that `text` holds; `name` is what errors call it.  Raises InvalidInput in one sentence."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is not JSON: {error}.", hint="Give a file that a sweep has written.") from None
    if not isinstance(data, dict) or "format" not in data:
        raise InvalidInput(f"{name} is no result of a sweep.", hint="Give a file that a sweep has written.")
    if data["format"] != FORMAT or isinstance(data["format"], bool):
        raise InvalidInput(f"{name} has format {str(data['format'])[:20]!a}; this version reads format {FORMAT}.",
                           hint="Read it with the version of Dynometer that wrote it.")
    try:
        return from_json(SweepResult, data)
    except Misfit as error:
        raise InvalidInput(f"{name} is no whole result of a sweep: {error}.") from None


def save(result: SweepResult, path: str | Path) -> None:
    """Write `result` at `path`: whole or not at all, so that an interruption leaves the file as it was.

    Raises InvalidInput when the place can't be written.
    """
    target = Path(path)
    text = dumps(result)
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")  # a device or a pipe must not be replaced
            return
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            part.write_text(text, encoding="utf-8")
            os.replace(part, target.resolve())
        finally:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise InvalidInput(f"The result can't be written to {target}: {error.strerror}.",
                           hint="Choose another place for it.") from None


def load(path: str | Path) -> SweepResult:
    """The result in the file at `path`.  Raises InvalidInput in one sentence."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not JSON: it is not UTF-8.") from None
    return loads(text, str(path))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
