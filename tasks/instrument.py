"""The instrument as a process group: started, listened to, and ended as a whole, whatever happens here."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from dynometer.measure.events import Event
from dynometer.measure.plan import Plan
from dynometer.measure.stream import GO, Told, order_line, read_said

LOOK_S = 0.2
MODULE = "dynometer.measure.stream"


class Vanished(Exception):
    """The instrument ended without a last word; the message is a sentence."""


class Instrument:
    """A context manager: on leaving it no process of the instrument is left."""

    def __init__(self, plan: Plan, earlier: Sequence[Event], spent_s: float) -> None:
        self._order = order_line(plan, earlier, spent_s, asks=True)

    def __enter__(self) -> "Instrument":
        self._process = subprocess.Popen(  # the arguments are our own
            [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._say(self._order)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def go(self) -> None:
        """The node is its own now."""
        self._say(GO)

    def listen(self, look: Callable[[], None]) -> Iterator[Told]:
        """What it says; `look` is called several times a second, and may raise.  Raises Vanished."""
        assert self._process.stdout, "it was asked for"
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while True:
                look()
                if not selector.select(LOOK_S):
                    continue
                read = os.read(self._process.stdout.fileno(), 1 << 20)
                if not read:
                    raise Vanished(self._last_words())
                *lines, received = (received + read).split(b"\n")
                for line in lines:
                    yield read_said(line)

    def _say(self, line: str) -> None:
        assert self._process.stdin, "it was asked for"
        with suppress(BrokenPipeError):  # it has died: listening tells how
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()

    def _last_words(self) -> str:
        code = self._process.wait()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended by itself with exit code {code}"
        return f"The process that measured {how}."
