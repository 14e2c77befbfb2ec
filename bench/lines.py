"""A process of its own that does what it's told, one JSON line each way: no state, threads or memory of the caller."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from fleet.parent_death import dies_with_parent
from settings import child_environment

ROOT = Path(__file__).resolve().parent.parent
END_WITHIN_S = 20


class LineProcess:
    """`python -m <module> <arguments>`, spoken to by lines.  Its own words go to `log`."""

    def __init__(self, log: Path, module: str, *arguments: str, **environment: str) -> None:
        self.module, self.log = module, log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True, cwd=ROOT, env=child_environment(**environment), start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )  # fmt: skip

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Its next answer.  Raises RuntimeError with its last words when it has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            last_words = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.module} ended: {last_words}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.send(message)
        return self.receive()

    def close(self) -> None:
        """Let it end by itself, else end it and all that it started."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=END_WITHIN_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def answers() -> Iterator[Callable[[dict[str, Any]], None]]:
    """How such a process answers.  What libraries print goes to the log instead."""
    with os.fdopen(os.dup(1), "w") as channel:
        os.dup2(2, 1)
        yield lambda message: _write(channel, message)


def _write(channel: TextIO, message: dict[str, Any]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()


def orders() -> Iterator[dict[str, Any]]:
    """What such a process is told, until there's nothing more to do."""
    for line in sys.stdin:
        yield json.loads(line)
