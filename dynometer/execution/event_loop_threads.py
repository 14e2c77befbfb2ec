"""asyncio.to_thread: an event loop that hands blocking calls to threads."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.chunks import Chunk, Ledger, Reply, cut
from dynometer.execution.faults import Fault
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import answer_in_thread, greet_in_thread, start_thread
from dynometer.workloads.workload import Json


class EventLoopThreads:
    """Wins inside an asynchronous program whose library blocks: the loop goes on meanwhile; costs what `threads`
    costs and some 30 us more a task, so it is no way to start from nothing.
    """

    key: ClassVar[str] = "event-loop-threads"
    title: ClassVar[str] = "Event loop with threads (asyncio.to_thread)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        barrier = threading.Barrier(workers)
        with asyncio.Runner() as runner:
            executor = ThreadPoolExecutor(workers, "worker", initializer=start_thread, initargs=(work, barrier))
            runner.get_loop().set_default_executor(executor)
            crew = EventLoopThreadsCrew(workers, runner)
            try:
                with starting(workers):
                    crew.warm_up()
                yield crew
            finally:
                barrier.abort()  # those who wait for one that could not be started
                executor.shutdown(cancel_futures=True)


class EventLoopThreadsCrew:
    def __init__(self, workers: int, runner: asyncio.Runner) -> None:
        self._workers = workers
        self._runner = runner
        self._ledger = Ledger()

    def warm_up(self) -> None:
        self._ledger.values(self._runner.run(self._greetings()))

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        return self._ledger.values(self._runner.run(self._all(cut(items, chunk))))

    async def _greetings(self) -> list[Reply | Fault]:
        return await asyncio.gather(*(asyncio.to_thread(greet_in_thread) for _ in range(self._workers)))

    async def _all(self, chunks: Sequence[Chunk]) -> list[Reply | Fault]:
        replies: dict[int, Reply | Fault] = {}
        drawn = iter(chunks)

        async def draw() -> None:
            for first, items in drawn:
                replies[first] = await asyncio.to_thread(answer_in_thread, first, items)

        await asyncio.gather(*(draw() for _ in range(min(self._workers, len(chunks)))))
        return [replies[first] for first, _ in chunks]

    def process_ids(self) -> Sequence[int]:
        return ()

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
