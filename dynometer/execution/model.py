"""What an execution model is: a way to spread calls over workers that are started and warm before the clock runs."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from dynometer.workloads.workload import Json


class Needs(StrEnum):
    """What a variant must offer for a model to run it."""

    CALL = "call"  # item -> value
    COROUTINE = "coroutine"  # item -> awaitable of the value


@dataclass(frozen=True)
class Work:
    """What workers do, in a form that a fresh process can prepare for itself: no closure has to be pickled.

    `workload` is a key of `dynometer.workloads`, or "path/to/file.py:function" or "package.module:function".
    """

    workload: str
    variant: str
    parameters: Mapping[str, Any]


class Crew(Protocol):
    """Workers that are started, have prepared the work and have answered a no-op each."""

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        """The values of `items`, in order; `chunk` items travel together where the model sends them.

        Blocks until the last one is there: the caller's clock stands around this call alone.  Raises CallFailed,
        which names the item, when a call raised; NotPortable when a value can't be pickled; WorkersLost when a worker
        process died.  A crew that has raised is spent.

        A model that knows its time without a clock, as the simulated one does, says it in `dictated_s` [s] of its crew.
        """

    def process_ids(self) -> Sequence[int]:
        """Of the worker processes, and of those that the model needs beside them (a manager, a supervisor); none when
        the workers are threads, or the caller, of this process.
        """

    def worker_cpu_s(self) -> float | None:
        """CPU seconds that the workers' own threads have used so far; None where it can't be told apart.

        Compared with the processes' CPU time it shows a library's hidden threads.
        """


class ExecutionModel(Protocol):
    """One way to run calls.  One file in this package; its docstring says when it wins and what it costs."""

    key: ClassVar[str]  # kebab-case
    title: ClassVar[str]
    needs: ClassVar[Needs]
    uses_processes: ClassVar[bool]
    most_workers: ClassVar[int | None]  # 1 for what has no workers to add

    def why_not(self, work: Work) -> str | None:
        """Why this Python or this work can't have it, as a sentence; None when it can: a fact, not an error."""

    def crew(self, work: Work, workers: int, start_method: str) -> AbstractContextManager[Crew]:
        """Start `workers`, warm; all are gone at the end, whatever happened meanwhile.

        Raises InvalidInput on a number of workers or a start method that can't be had, Unavailable when `why_not` had a
        reason, NotPrepared when the workload's own preparation fails, WorkersLost when it kills a worker.

        `start_method` is fork, spawn or forkserver, and counts for models of multiprocessing alone.
        """
