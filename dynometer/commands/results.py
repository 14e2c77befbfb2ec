"""Result files at the command line: read in either form, written whole or not at all."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from dynometer.errors import DynometerError, InvalidInput
from dynometer.measure.result import SweepResult, loads, save

SAVE_EVERY_S = 1.0  # writing takes milliseconds, between windows
SAVE_SHARE = 1 / 20  # of the time at most: large results are written more seldom


def read_result(path: Path) -> SweepResult:
    """The result in a file that `--out` wrote, or in a report that `--json` wrote.  Raises InvalidInput."""
    from dynometer.measure.result import load
    from dynometer.report.as_json import without_conclusions

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return load(path)  # says what is wrong with it
    if not isinstance(data, dict) or "report_format" not in data:
        return load(path)
    return loads(json.dumps(without_conclusions(data)), str(path))


def require_valid(*named: tuple[str, SweepResult]) -> None:
    """Raises NothingMeasured for the first (name, result) in which no window counts."""
    for name, result in named:
        if not is_valid(result):
            raise NothingMeasured(f"Nothing can be said: {name} holds no window that counts.",
                                  hint="Its report says why; measure it again.")


def is_valid(result: SweepResult) -> bool:
    return any(trial.is_accepted for trial in result.trials)


def require_free(path: Path) -> None:
    """Raises InvalidInput when another file than a sweep's result is at `path`: it must not be lost."""
    if not path.is_file() or not path.stat().st_size:
        return
    try:
        read_result(path)
    except InvalidInput:
        raise InvalidInput(f"{path} is there already and is no result of a sweep: it was left as it is, and nothing "
                           "was run.", hint="Choose another name for --out, or move that file away.") from None


class NothingMeasured(DynometerError):
    """Nothing could be measured."""

    exit_status: ClassVar[int] = 3


class Kept:
    """A result file that is kept up to date while a sweep runs; without a path, nothing."""

    def __init__(self, path: Path | None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now_s = now_s
        self._next_s = -float("inf")
        self._is_good_there = bool(path and path.is_file() and path.stat().st_size and is_valid(read_result(path)))

    def place(self, result: SweepResult) -> Path | None:
        """Where `result` goes: beside a good one that it has nothing to replace with."""
        if self._path and self._is_good_there and not is_valid(result):
            return self._path.with_name(f"{self._path.stem}.nothing-measured{self._path.suffix}")
        return self._path

    def drop_beside(self, result: SweepResult) -> None:
        """Remove what was put beside a good result at the start, once `result` has replaced that."""
        if self._path and self._is_good_there and is_valid(result):
            self._path.with_name(f"{self._path.stem}.nothing-measured{self._path.suffix}").unlink(missing_ok=True)

    def update(self, result: SweepResult) -> None:
        """Write `result`, unless it was written just now."""
        if self._path and self._now_s() >= self._next_s:
            self.finish(result)

    def finish(self, result: SweepResult) -> None:
        """Write `result`.  Raises InvalidInput when the place can't be written."""
        if place := self.place(result):
            start_s = self._now_s()
            save(result, place)
            self._next_s = self._now_s() + max(SAVE_EVERY_S, (self._now_s() - start_s) / SAVE_SHARE)
