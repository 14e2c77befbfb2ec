"""threading.Thread daemons that draw from a queue."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import ClassVar

from dynometer.execution.chunks import Chunk, Ledger, Reply, cut
from dynometer.execution.faults import Fault
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack, starting
from dynometer.execution.worker import Worker
from dynometer.workloads.workload import Json

LINGER_S = 5.0  # for a call that is still running; a daemon that takes longer ends with the process


class DaemonThreads:
    """Wins where `threads` does, for services that draw work for as long as the process lives; costs one's own code
    for errors, results and the end, all of which an executor brings along.
    """

    key: ClassVar[str] = "daemon-threads"
    title: ClassVar[str] = "Daemon threads (threading.Thread)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        crew = DaemonThreadCrew(work, workers)
        try:
            with starting(workers):
                crew.begin()
            yield crew
        finally:
            crew.end()


class DaemonThreadCrew:
    def __init__(self, work: Work, workers: int) -> None:
        self._chunks: SimpleQueue[Chunk | None] = SimpleQueue()  # None: go home
        self._replies: SimpleQueue[tuple[int, Reply | Fault]] = SimpleQueue()
        self._ledger = Ledger()
        self._work = work
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()
        self._ledger.values([self._replies.get()[1] for _ in self._threads])

    def end(self) -> None:
        self._forget_waiting()
        for _ in self._threads:
            self._chunks.put(None)
        for thread in self._threads:
            if thread.ident:
                thread.join(LINGER_S)

    def _serve(self) -> None:
        worker = Worker(self._work)
        self._replies.put((-1, worker.greet()))
        while (chunk := self._chunks.get()) is not None:
            self._replies.put((chunk[0], worker.answer(*chunk)))

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        chunks = cut(items, chunk)
        for one in chunks:
            self._chunks.put(one)
        values: dict[int, list[Json]] = {}
        for _ in chunks:
            first, reply = self._replies.get()
            values[first] = self._ledger.open(reply)
        return [value for first in sorted(values) for value in values[first]]

    def _forget_waiting(self) -> None:
        with suppress(Empty):
            while True:
                self._chunks.get_nowait()

    def process_ids(self) -> Sequence[int]:
        return ()

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
