"""multiprocessing.Process and a Manager's list: the way many tutorials teach."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import DefaultContext
from multiprocessing.managers import ListProxy, SyncManager
from typing import Any, ClassVar, TypeAlias

from dynometer.execution.chunks import Chunk, Ledger, Reply, cut
from dynometer.execution.faults import Fault, fault_of_travel
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.parent_death import guard
from dynometer.execution.watch import Watch, context_of, within_grace
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import Worker
from dynometer.workloads.workload import Json

Pipe: TypeAlias = "Connection[Any, Any]"
Results: TypeAlias = "ListProxy[Any]"  # of (place of the first item, its chunk's values)


class ProcessesManager:
    """Wins nothing over `pool`, unless a shared list is the interface that others need; costs one more process, and a
    round trip to it for each chunk of results, which are pickled once more on their way.

    One process per worker, started and warm; each is handed chunks over a pipe of its own and appends their values to
    a list that lives in the manager's process.
    """

    key: ClassVar[str] = "processes-manager"
    title: ClassVar[str] = "Processes (Process and a Manager's list)"
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
            manager = SyncManager(ctx=context)
            with starting(1):
                manager.start(guard)
            try:
                results: Results = manager.list()
                with starting(workers):
                    pipes = [start_one(context, work, results) for _ in range(workers)]
                watch.begin()
                crew = ManagerCrew(pipes, results, watch)
                crew.warm_up()
                yield crew
            finally:
                within_grace(manager.shutdown)


def start_one(context: DefaultContext, work: Work, results: Results) -> Pipe:
    """A new worker; the caller's end of its pipe."""
    ours, theirs = context.Pipe()
    context.Process(target=serve, args=(work, theirs, results), daemon=True).start()
    theirs.close()
    return ours


def serve(work: Work, pipe: Pipe, results: Results) -> None:
    """What a worker process does until its pipe ends: a chunk in, its values to the list, "done" out."""
    guard()
    worker = Worker(work)
    pipe.send(worker.greet())
    while True:
        try:
            first, items = pipe.recv()
        except EOFError:
            return
        reply = worker.answer(first, items)
        if not isinstance(reply, Fault):
            thread, cpu_s, values = reply
            try:
                results.append((first, values))
                reply = thread, cpu_s, []
            except (EOFError, OSError):
                return  # the manager is gone
            except Exception as error:  # noqa: BLE001 - whatever keeps a value from travelling
                reply = fault_of_travel(first, len(items), error)
        pipe.send(reply)


class ManagerCrew:
    def __init__(self, pipes: Sequence[Pipe], results: Results, watch: Watch) -> None:
        self._pipes = pipes
        self._results = results
        self._watch = watch
        self._ledger = Ledger()

    def warm_up(self) -> None:
        busy = set(self._pipes)
        while busy:
            pipe = self._first_of(busy)
            self._ledger.open(self._hear(pipe))
            busy.remove(pipe)

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        waiting = deque(cut(items, chunk))
        busy: set[Pipe] = set()
        for pipe in self._pipes:
            self._hand(pipe, waiting, busy)
        while busy:
            pipe = self._first_of(busy)
            self._ledger.open(self._hear(pipe))
            busy.remove(pipe)
            self._hand(pipe, waiting, busy)
        try:
            chunks = self._results[:]
            self._results[:] = []
        except (EOFError, OSError) as error:
            raise self._watch.loss() from error
        return [value for _, values in sorted(chunks, key=lambda one: one[0]) for value in values]

    def _hand(self, pipe: Pipe, waiting: deque[Chunk], busy: set[Pipe]) -> None:
        if waiting:
            try:
                pipe.send(waiting.popleft())
            except OSError as error:
                raise self._watch.loss() from error
            busy.add(pipe)

    def _first_of(self, busy: set[Pipe]) -> Pipe:
        """The pipe of a worker that has something to say.  Raises WorkersLost when one, or the manager, is dead."""
        sentinels = [process.sentinel for process in self._watch.processes]
        ready = connection.wait([*busy, *sentinels])
        if any(isinstance(one, int) for one in ready):
            raise self._watch.loss()
        return next(pipe for pipe in busy if pipe in ready)

    def _hear(self, pipe: Pipe) -> Reply | Fault:
        try:
            reply: Reply | Fault = pipe.recv()
        except (EOFError, OSError) as error:
            raise self._watch.loss() from error
        return reply

    def process_ids(self) -> Sequence[int]:
        """The manager's too: its CPU and memory are part of the price."""
        return self._watch.process_ids()

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
