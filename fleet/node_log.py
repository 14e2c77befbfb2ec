"""What a node says: all of it in a file of its own, the important part on the terminal, under the node's name."""

import contextlib
import logging.handlers
import os
import re
import sys
import time
from pathlib import Path

FILE_MAX_BYTES = 10_000_000
FRESH_S = 5.0  # a line older than that says nothing about the end of its node
IMPORTANT = re.compile(
    r"\b(ERROR|CRITICAL|FATAL|Traceback)\b"  # Python, PostgreSQL
    r'|"level": ?"(error|critical)"'  # JSON lines
    r"|\[(emerg|alert|crit|error)\]"  # nginx
)


class _File(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        pass  # the disk is full: the node works on, its lines are lost


class NodeLog:
    """One node's lines; one file and the one before it are kept."""

    def __init__(self, node: str, folder: Path, *, is_verbose: bool) -> None:
        self.node = node
        self.is_verbose = is_verbose
        self.path = folder / f"{node}.log"
        self._last, self._last_at = "", 0.0
        self.file = _File(self.path, maxBytes=FILE_MAX_BYTES, backupCount=1, errors="replace")

    def write(self, line: str) -> None:
        """A line of the node."""
        if not line:
            return
        self._last, self._last_at = line, time.monotonic()
        self.file.emit(logging.makeLogRecord({"msg": line}))
        if self.is_verbose or IMPORTANT.search(line):
            say(self.node, line)

    def last_words(self) -> str:
        """What it said just before its end, as a sentence; where to read on in any case."""
        if not self._last or time.monotonic() - self._last_at >= FRESH_S:
            return f"It said nothing just before: {self.path}"
        return f"Last line: {self._last}  (all: {self.path})"


def say(who: str, line: str) -> None:
    """One line on the terminal, in one piece: several processes write there.  No terminal any more is no error."""
    with contextlib.suppress(OSError):
        os.write(sys.stderr.fileno(), f"{who:<9}| {line}\n".encode(errors="replace"))
