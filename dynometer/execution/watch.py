"""The worker processes of one crew: seen when one dies, and gone at the end."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.context import DefaultContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import cast

from dynometer.errors import InvalidInput
from dynometer.execution.faults import WorkersLost

LOOK_S = 0.2  # how often a model that would wait for ever looks whether its workers live
AFTERMATH = (0, -signal.SIGTERM)  # exit codes of those that ended because another one did
GRACE_S = 2.0  # for an orderly end; then they are killed


def context_of(start_method: str) -> DefaultContext:
    """Raises InvalidInput when this system has no such start method."""
    known = multiprocessing.get_all_start_methods()
    if start_method not in known:
        sentence = f"must be one of {', '.join(known)}"
        raise InvalidInput(f"The start method {sentence}, not {start_method!a}.", fields={"start_method": sentence})
    return cast("DefaultContext", multiprocessing.get_context(start_method))


class Watch:
    """Children started inside its `with` block; none of them outlives it."""

    def __init__(self) -> None:
        self.processes: list[BaseProcess] = []  # the ones that must live on

    def __enter__(self) -> "Watch":
        self._before = set(multiprocessing.active_children())
        return self

    def begin(self) -> None:
        """From now on the children that are there must live."""
        self.processes = self._children()

    def check(self) -> None:
        """Raises WorkersLost when one of them is dead."""
        if any(process.exitcode is not None for process in self.processes):
            raise self.loss()

    def loss(self) -> WorkersLost:
        """What to raise when one is known to be dead: the one that was not merely swept up after another."""
        dead: dict[int | None, int] = {}
        causes: list[int | None] = []
        connection.wait([process.sentinel for process in self.processes], timeout=1.0)
        for _ in range(20):  # an executor's own thread may be about to learn the exit code, and so long nobody else can
            dead = {process.pid: code for process in self.processes if (code := process.exitcode) is not None}
            causes = [pid for pid, code in dead.items() if code not in AFTERMATH]
            if causes or len(dead) == len(self.processes):
                break
            threading.Event().wait(0.05)
        first = next(iter((*causes, *dead)), None)
        return lost(first, dead.get(first))

    def process_ids(self) -> list[int]:
        return [process.pid for process in self.processes if process.pid]

    def kill(self) -> None:
        for process in self._children():
            process.kill()
        for process in self._children():
            process.join()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.kill()

    def _children(self) -> list[BaseProcess]:
        return [process for process in multiprocessing.active_children() if process not in self._before]


def lost(process_id: int | None, exit_code: int | None) -> WorkersLost:
    """The sentence on a worker's end."""
    who = f"Worker process {process_id}" if process_id else "A worker process"
    hint = "Its code may have ended it, or memory ran out: try fewer workers or smaller items."
    if exit_code is None:
        return WorkersLost(f"{who} died.", hint=hint)
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return WorkersLost(f"{who} was killed by {name}.", hint=hint)
    return WorkersLost(f"{who} ended with exit code {exit_code}.", hint=hint)


def within_grace(end: Callable[[], object]) -> None:
    """Run `end`, but not longer than GRACE_S: after a worker was killed, pools may wait for a lock that it held."""
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(GRACE_S)
