"""Result files at the command line: read in either form, written whole or not at all."""

import json
import time
from collections.abc import Callable
from pathlib import Path

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


class Kept:
    """A result file that is kept up to date while a sweep runs; without a path, nothing."""

    def __init__(self, path: Path | None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now_s = now_s
        self._next_s = -float("inf")

    def update(self, result: SweepResult) -> None:
        """Write `result`, unless it was written just now."""
        if self._path and self._now_s() >= self._next_s:
            self.finish(result)

    def finish(self, result: SweepResult) -> None:
        """Write `result`.  Raises InvalidInput when the place can't be written."""
        if self._path:
            start_s = self._now_s()
            save(result, self._path)
            self._next_s = self._now_s() + max(SAVE_EVERY_S, (self._now_s() - start_s) / SAVE_SHARE)
