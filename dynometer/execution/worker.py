"""What runs inside a worker, be it a thread, a process or an interpreter."""

import threading
import time
from collections.abc import Sequence
from typing import Protocol

from dynometer.execution.chunks import Reply
from dynometer.execution.faults import Fault, fault_of_call, fault_of_preparation
from dynometer.execution.model import Work
from dynometer.execution.parent_death import guard
from dynometer.execution.work import prepared
from dynometer.workloads.workload import Json


class Barrier(Protocol):
    """Of threading or multiprocessing: lets go when every worker waits at it."""

    def wait(self) -> int: ...


class Worker:
    """Prepares its own call, so that nothing unpicklable travels and buffers are its own; then answers chunks."""

    def __init__(self, work: Work, barrier: Barrier | None = None) -> None:
        self._barrier = barrier
        self._fault: Fault | None = None
        try:
            self._call = prepared(work)
        except BaseException as error:  # noqa: BLE001 - the workload's code may do anything; pools restart what raises
            self._fault = fault_of_preparation(error)

    def greet(self) -> Fault | Reply:
        """The no-op.  With a barrier it returns when every worker is in it, so that each has answered one."""
        if self._barrier:
            self._barrier.wait()
        return self._fault or (threading.get_native_id(), time.thread_time(), [])

    def answer(self, first: int, items: Sequence[Json]) -> Reply | Fault:
        """The values of `items`, or what became of the first that raised."""
        call = self._call
        values: list[Json] = []
        append = values.append
        try:
            for item in items:
                append(call(item))
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a call ends the call, not the worker
            return fault_of_call(first + len(values), error)
        return threading.get_native_id(), time.thread_time(), values


_only: Worker  # of this process or interpreter
_of_thread = threading.local()


def start_process(work: Work, barrier: Barrier | None = None) -> None:
    guard()
    start_interpreter(work, barrier)


def start_interpreter(work: Work, barrier: Barrier | None = None) -> None:
    global _only
    _only = Worker(work, barrier)


def greet() -> Fault | Reply:
    return _only.greet()


def answer(first: int, items: Sequence[Json]) -> Reply | Fault:
    return _only.answer(first, items)


def start_thread(work: Work, barrier: Barrier | None = None) -> None:
    _of_thread.worker = Worker(work, barrier)


def greet_in_thread() -> Fault | Reply:
    worker: Worker = _of_thread.worker
    return worker.greet()


def answer_in_thread(first: int, items: Sequence[Json]) -> Reply | Fault:
    worker: Worker = _of_thread.worker
    return worker.answer(first, items)
