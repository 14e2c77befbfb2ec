"""concurrent.futures.InterpreterPoolExecutor: interpreters of their own inside one process, from Python 3.14."""

import importlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar

from dynometer.execution.chunks import Reply
from dynometer.execution.executor_crew import ExecutorCrew
from dynometer.execution.faults import Fault, Unavailable
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack
from dynometer.execution.worker import answer, greet, start_interpreter

FIRST = (3, 14)


class Interpreters:
    """Wins for pure Python with small arguments: each interpreter has its own lock, without the memory of processes;
    costs pickling as processes do, and modules written for it: NumPy and many others refuse to be imported.
    """

    key: ClassVar[str] = "interpreters"
    title: ClassVar[str] = "Interpreters (InterpreterPoolExecutor)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        if sys.version_info < FIRST:
            running = f"{sys.version_info.major}.{sys.version_info.minor}"
            return f"Interpreters of their own are not available on this Python: it is {running}, they came with 3.14."
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        if reason := self.why_not(work):
            raise Unavailable(reason)
        make = importlib.import_module("concurrent.futures").InterpreterPoolExecutor
        path = f"import sys; sys.path[:] = {sys.path!r}"  # a new interpreter knows nothing of what was added to it
        executor = make(workers, "interpreter", exec, (path, {}))
        try:
            crew = ExecutorCrew(executor, answer)
            with meeting(workers) as (arrivals, departures):
                crew.warm_up(partial(arrive, work, arrivals, departures), workers)
            yield crew
        finally:
            executor.shutdown(cancel_futures=True)


@contextmanager
def meeting(workers: int) -> Iterator[tuple[int, int]]:
    """Two file descriptors through which `workers` wait for each other: interpreters share those, but no barrier.

    The first takes a byte from each that arrives, the second gives each a byte when all have; at the end, whatever
    happened, it gives its end to those that still wait.
    """
    arrived, arrivals = os.pipe()
    departures, let_go = os.pipe()

    def wait_for_all() -> None:
        if all(os.read(arrived, 1) for _ in range(workers)):
            os.write(let_go, b"." * workers)

    host = threading.Thread(target=wait_for_all, daemon=True)
    host.start()
    try:
        yield arrivals, departures
    finally:
        os.close(arrivals)
        host.join()
        os.close(let_go)
        os.close(arrived)
        os.close(departures)


def arrive(work: Work, arrivals: int, departures: int) -> Fault | Reply:
    """The no-op of one interpreter: prepares the work, and returns when all others have."""
    start_interpreter(work)
    os.write(arrivals, b".")
    os.read(departures, 1)
    return greet()
