"""asyncio in one thread, with a bounded number of calls in flight."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.faults import CallFailed, fault_of_call, fault_of_preparation
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack, prepared_coroutine
from dynometer.workloads.workload import Json


class EventLoop:
    """Wins when many calls wait and their library is asynchronous: thousands in flight for some kilobytes each; costs
    an asynchronous version of the whole call path, and one blocking call holds up all others.

    The number of workers is the number of calls in flight.  All run in the caller's thread, on one core.
    """

    key: ClassVar[str] = "event-loop"
    title: ClassVar[str] = "Event loop (asyncio)"
    needs: ClassVar[Needs] = Needs.COROUTINE
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        with asyncio.Runner() as runner:
            crew = EventLoopCrew(work, workers, runner)
            runner.run(asyncio.sleep(0))
            yield crew


class EventLoopCrew:
    def __init__(self, work: Work, workers: int, runner: asyncio.Runner) -> None:
        try:
            self._call = prepared_coroutine(work)
        except (Exception, SystemExit) as error:
            raise fault_of_preparation(error).error() from error
        self._workers = workers
        self._runner = runner

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        return self._runner.run(self._all(items))

    async def _all(self, items: Sequence[Json]) -> list[Json]:
        """Each worker draws the next item when it is done with one: a bound that costs no semaphore and few tasks."""
        values: list[Json] = [None] * len(items)
        drawn = iter(enumerate(items))
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self._workers, len(items))):
                    workers.create_task(self._draw(drawn, values))
        except BaseExceptionGroup as errors:
            failed = errors.subgroup(CallFailed)
            if failed is None:
                raise
            raise failed.exceptions[0] from None
        return values

    async def _draw(self, drawn: Iterator[tuple[int, Json]], values: list[Json]) -> None:
        call = self._call
        for index, item in drawn:
            try:
                values[index] = await call(item)
            except (Exception, SystemExit) as error:
                raise fault_of_call(index, error).error() from error

    def process_ids(self) -> Sequence[int]:
        return ()

    def worker_cpu_s(self) -> float:
        """Of the caller's thread: all coroutines run in it."""
        return time.thread_time()
