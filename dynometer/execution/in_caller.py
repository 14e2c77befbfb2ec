"""A crew without workers: the caller's own thread makes the calls."""

import time
from collections.abc import Sequence

from dynometer.execution.faults import fault_of_call, fault_of_preparation
from dynometer.execution.model import Work
from dynometer.execution.work import prepared
from dynometer.workloads.workload import Json


class InCaller:
    """Calls one after the other; costs some 40 ns an item."""

    def __init__(self, work: Work) -> None:
        try:
            self._call = prepared(work)
        except (Exception, SystemExit) as error:
            raise fault_of_preparation(error).error() from error

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        call = self._call
        values: list[Json] = []
        append = values.append
        try:
            for item in items:
                append(call(item))
        except (Exception, SystemExit) as error:
            raise fault_of_call(len(values), error).error() from error
        return values

    def process_ids(self) -> Sequence[int]:
        return ()

    def worker_cpu_s(self) -> float:
        return time.thread_time()
