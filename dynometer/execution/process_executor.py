"""concurrent.futures.ProcessPoolExecutor."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import ClassVar

from dynometer.execution.chunks import Chunk, Reply
from dynometer.execution.executor_crew import ExecutorCrew, Greeting
from dynometer.execution.faults import Fault, fault_of_travel
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.watch import Watch, context_of, within_grace
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import answer, greet, start_process
from dynometer.workloads.workload import Json


class ProcessExecutor:
    """Wins where `pool` does, and notices by itself when a worker dies; costs the same start and pickling, and some
    0.1 ms a task in the caller, so small items must travel in chunks.
    """

    key: ClassVar[str] = "process-executor"
    title: ClassVar[str] = "Processes (ProcessPoolExecutor)"
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
            executor = ProcessPoolExecutor(workers, context, start_process, (work, context.Barrier(workers)))
            try:
                crew = ProcessExecutorCrew(executor, watch)
                with starting(workers):
                    crew.warm_up(greet, workers)
                yield crew
            except BaseException:
                watch.kill()  # or the executor would wait for the calls that are still running
                raise
            finally:
                within_grace(partial(executor.shutdown, cancel_futures=True))


class ProcessExecutorCrew(ExecutorCrew):
    def __init__(self, executor: ProcessPoolExecutor, watch: Watch) -> None:
        super().__init__(executor, answer)
        self._watch = watch

    def warm_up(self, greet: Greeting, workers: int) -> None:
        with self._naming_the_lost():
            super().warm_up(greet, workers)
        self._watch.begin()

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        with self._naming_the_lost():
            return super().run(items, chunk)

    def result(self, future: "Future[Reply | Fault]", chunk: Chunk) -> Reply | Fault:
        try:
            return future.result()
        except BrokenProcessPool:
            raise
        except Exception as error:  # calls answer with faults: what comes as an exception could not be pickled
            raise fault_of_travel(chunk[0], len(chunk[1]), error).error() from error

    @contextmanager
    def _naming_the_lost(self) -> Iterator[None]:
        try:
            yield
        except BrokenProcessPool as error:
            raise self._watch.loss() from error

    def process_ids(self) -> Sequence[int]:
        return self._watch.process_ids()
