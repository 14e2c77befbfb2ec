"""Cotyledon services that draw items from a queue; a crashed one comes back."""

import importlib.util
import os
import signal
import socket
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from dynometer.execution.chunks import Chunk, Ledger, Reply, cut
from dynometer.execution.daemon_service import supervise
from dynometer.execution.faults import Fault, Unavailable, WorkersLost, of_items
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.watch import GRACE_S, Watch, context_of, lost
from dynometer.execution.work import check_workers, lack, starting
from dynometer.workloads.workload import Json

Pipe: TypeAlias = "Connection[Any, Any]"

MOST_DEATHS = 3  # of daemons that held the same chunk, or that have not even begun


class Daemons:
    """Wins for services that live long and must survive their own crashes: a daemon that dies comes back, and what it
    held is done again; costs a supervisor's process, a second or so of start, and the same pickling as `pool`.
    """

    key: ClassVar[str] = "daemons"
    title: ClassVar[str] = "Daemons (Cotyledon)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = True
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        if importlib.util.find_spec("cotyledon") is None:
            return "Cotyledon is not installed."
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        if reason := self.why_not(work):
            raise Unavailable(reason)
        context = context_of(start_method)
        with tempfile.TemporaryDirectory(prefix="dyno-") as folder, Watch() as watch, socket.socket(
                socket.AF_UNIX) as door:
            address = str(Path(folder, "door"))  # only this user may go into the folder
            door.bind(address)
            door.listen(128)
            ends, told = context.Pipe(duplex=False)
            supervisor = context.Process(target=supervise, args=(work, workers, address, told, start_method))
            with starting(workers):
                supervisor.start()
            told.close()
            watch.begin()
            crew = DaemonCrew(door, ends, supervisor, watch)
            try:
                crew.warm_up(workers)
                yield crew
            finally:
                crew.close()
                end_group(supervisor)


def end_group(supervisor: BaseProcess) -> None:
    """SIGTERM, which Cotyledon passes on; after the grace, SIGKILL to the group that the supervisor has made."""
    supervisor.terminate()
    supervisor.join(GRACE_S)
    group = supervisor.pid
    if group and group != os.getpgrp():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


@dataclass
class Daemon:
    number: int  # Cotyledon's; the one that comes back has it again
    process_id: int
    chunk: Chunk | None = None  # what it is at


class DaemonCrew:
    """The queue: daemons connect, are given a chunk, answer, and are given the next."""

    def __init__(self, door: socket.socket, ends: Pipe, supervisor: BaseProcess, watch: Watch) -> None:
        self._door = door
        self._ends = ends  # tells (number, exit code) of each daemon that died
        self._supervisor = supervisor
        self._watch = watch
        self._daemons: dict[Pipe, Daemon] = {}
        self._begun: set[int] = set()  # numbers of daemons that were heard of since they last died
        self._false_starts = 0
        self._waiting: deque[Chunk] = deque()
        self._deaths: Counter[int] = Counter()  # of daemons, by the place of the first item that they held
        self._values: dict[int, list[Json]] = {}
        self._ledger = Ledger()

    def warm_up(self, workers: int) -> None:
        while len(self._daemons) < workers:
            self._attend()

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        chunks = cut(items, chunk)
        self._waiting.extend(chunks)
        self._values.clear()
        for pipe in list(self._daemons):
            self._hand(pipe)
        while len(self._values) < len(chunks):
            self._attend()
        self._watch.check()  # daemons go on for a moment without their supervisor, and hide its end
        return [value for first in sorted(self._values) for value in self._values[first]]

    def _attend(self) -> None:
        """Wait until something happens, and see to it: new daemons first, so that no death is taken for a false start.

        Raises WorkersLost when the supervisor is gone, or daemons die again and again.
        """
        ready = connection.wait([self._door, self._ends, self._supervisor.sentinel, *self._daemons])
        if self._door in ready:
            self._welcome()
        for pipe in list(self._daemons):
            if pipe in ready:
                self._hear(pipe)
        if self._supervisor.sentinel in ready:
            raise self._watch.loss()
        if self._ends in ready:
            self._note_end(*self._ends.recv())

    def _welcome(self) -> None:
        pipe: Pipe = Connection(self._door.accept()[0].detach())
        try:
            number, process_id, greeting = pipe.recv()
        except (EOFError, OSError):
            pipe.close()
            return
        self._ledger.open(greeting)
        self._begun.add(number)
        self._daemons[pipe] = Daemon(number, process_id)
        self._hand(pipe)

    def _hand(self, pipe: Pipe) -> None:
        if self._waiting:
            self._daemons[pipe].chunk = chunk = self._waiting.popleft()
            with suppress(OSError):  # it has died: reading from it will tell
                pipe.send(chunk)

    def _hear(self, pipe: Pipe) -> None:
        daemon = self._daemons[pipe]
        try:
            reply: Reply | Fault = pipe.recv()
        except (EOFError, OSError):
            self._bury(pipe)
            return
        assert daemon.chunk, "it answers what it was given"
        self._values[daemon.chunk[0]] = self._ledger.open(reply)
        daemon.chunk = None
        self._hand(pipe)

    def _bury(self, pipe: Pipe) -> None:
        """What it held goes to the next daemon, unless too many have died of it."""
        chunk = self._daemons.pop(pipe).chunk
        pipe.close()
        if chunk is None:
            return
        first, items = chunk
        self._deaths[first] += 1
        if self._deaths[first] < MOST_DEATHS:
            self._waiting.appendleft(chunk)
            return
        code = self._ends.recv()[1] if self._ends.poll(1.0) else None
        which = of_items(first, len(items))
        error = WorkersLost(f"{lost(None, code)} It was the third daemon in turn that {which} ended.",
                            hint="Mend the function: it ends its own process, or takes too much memory.")
        error.places = first, len(items)
        raise error

    def _note_end(self, number: int, exit_code: int) -> None:
        if number in self._begun:
            self._begun.remove(number)
            return
        self._false_starts += 1
        if self._false_starts >= MOST_DEATHS:
            raise lost(None, exit_code)

    def close(self) -> None:
        for pipe in (*self._daemons, self._ends):
            pipe.close()

    def process_ids(self) -> Sequence[int]:
        """The supervisor's too: its memory is part of the price."""
        return [*self._watch.process_ids(), *(daemon.process_id for daemon in self._daemons.values())]

    def worker_cpu_s(self) -> float:
        return self._ledger.worker_cpu_s()
