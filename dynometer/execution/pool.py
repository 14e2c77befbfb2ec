"""multiprocessing.Pool."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import AsyncResult, MaybeEncodingError  # type: ignore[attr-defined]
from multiprocessing.pool import Pool as Processes
from typing import Any, ClassVar

from dynometer.execution.chunks import Ledger, cut
from dynometer.execution.faults import fault_of_travel
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.watch import LOOK_S, Watch, context_of, within_grace
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import answer, greet, start_process
from dynometer.workloads.workload import Json


class Pool:
    """Wins when calls compute in pure Python and take more than some milliseconds: each process has its own
    interpreter lock; costs 50 to 500 ms of start, memory for each process, and pickling of items and values.

    A pool waits for ever for what a killed worker held; this crew looks after its workers and says so instead.
    """

    key: ClassVar[str] = "pool"
    title: ClassVar[str] = "Processes (multiprocessing.Pool)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = True
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        context = context_of(start_method)
        with Watch() as watch:
            with starting(workers):
                pool = context.Pool(workers, start_process, (work, context.Barrier(workers)))
            try:
                watch.begin()
                crew = PoolCrew(pool, watch)
                crew.warm_up(workers)
                yield crew
            finally:
                within_grace(pool.terminate)


class PoolCrew:
    def __init__(self, pool: Processes, watch: Watch) -> None:
        self._pool = pool
        self._watch = watch
        self._ledger = Ledger()

    def warm_up(self, workers: int) -> None:
        self._ledger.values(self._gather(greet, [()] * workers))

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        try:
            values = self._ledger.values(self._gather(answer, cut(items, chunk)))
        except MaybeEncodingError as error:
            raise fault_of_travel(0, len(items), error.exc).error() from error
        self._watch.check()  # the pool may have put a new worker, which was never warm, in a dead one's place
        return values

    def _gather(self, function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> Any:
        waiting: AsyncResult[Any] = self._pool.starmap_async(function, arguments, chunksize=1)
        while True:
            try:
                return waiting.get(LOOK_S)
            except multiprocessing.TimeoutError:
                self._watch.check()

    def process_ids(self) -> Sequence[int]:
        return self._watch.process_ids()

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
