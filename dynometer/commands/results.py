"""Result files at the command line: read in either form, written whole or not at all."""

import json
import time
from pathlib import Path

from dynometer.measure.result import SweepResult, loads, save

SAVE_EVERY_S = 1.0  # writing takes milliseconds, between windows


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

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._next_s = 0.0

    def update(self, result: SweepResult) -> None:
        """Write `result`, unless it was written just now."""
        if self._path and time.monotonic() >= self._next_s:
            self.finish(result)

    def finish(self, result: SweepResult) -> None:
        """Write `result`.  Raises InvalidInput when the place can't be written."""
        if self._path:
            save(result, self._path)
            self._next_s = time.monotonic() + SAVE_EVERY_S
