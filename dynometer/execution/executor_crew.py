"""A crew behind one of the executors of concurrent.futures."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

from dynometer.execution.chunks import Chunk, Ledger, Reply, cut
from dynometer.execution.faults import Fault
from dynometer.workloads.workload import Json

Answering = Callable[[int, Sequence[Json]], Reply | Fault]
Greeting = Callable[[], Reply | Fault]


class ExecutorCrew:
    """Submits one task a chunk and gathers the results in order."""

    def __init__(self, executor: Executor, answer: Answering) -> None:
        self._executor = executor
        self._answer = answer
        self._ledger = Ledger()

    def warm_up(self, greet: Greeting, workers: int) -> None:
        """Each worker answers a no-op; `greet` returns only when all are in it."""
        futures = [self._executor.submit(greet) for _ in range(workers)]
        self._ledger.values(self.result(future, (0, ())) for future in futures)

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        chunks = cut(items, chunk)
        futures = [self._executor.submit(self._answer, first, part) for first, part in chunks]
        try:
            return self._ledger.values(map(self.result, futures, chunks))
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def result(self, future: "Future[Reply | Fault]", chunk: Chunk) -> Reply | Fault:
        """What `chunk` came to; an executor of processes has more to say when it failed."""
        return future.result()

    def process_ids(self) -> Sequence[int]:
        return ()

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
