"""concurrent.futures.ThreadPoolExecutor."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.executor_crew import ExecutorCrew
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import answer_in_thread, greet_in_thread, start_thread


class Threads:
    """Wins when calls wait (network, disk) or let go of the interpreter's lock (NumPy, hashing, compression); costs
    some 10 us a task, and in pure Python lock hand-offs that make it slower than one thread.
    """

    key: ClassVar[str] = "threads"
    title: ClassVar[str] = "Threads (ThreadPoolExecutor)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        barrier = threading.Barrier(workers)
        executor = ThreadPoolExecutor(workers, "worker", initializer=start_thread, initargs=(work, barrier))
        try:
            crew = ExecutorCrew(executor, answer_in_thread)
            with starting(workers):
                crew.warm_up(greet_in_thread, workers)
            yield crew
        finally:
            barrier.abort()  # those who wait for one that could not be started
            executor.shutdown(cancel_futures=True)
