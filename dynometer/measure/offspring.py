"""The sweep's side of a measuring process: start it, listen with limits, and leave none of its family alive."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dynometer
from dynometer.measure import readings, surroundings
from dynometer.measure.codec import Misfit, from_json
from dynometer.measure.interruption import uninterrupted
from dynometer.measure.order import Order, Said

LOOK_S = 0.05  # how often its family is counted
MOST_PROCESSES = 300  # of one measuring process beyond its workers: a function that forks without end is stopped here
END_S = 5.0  # for an orderly end after its last word
LONGEST_LINE = 64 * 2**20
TAIL = 2_000  # bytes of its standard error that are looked at for its last words
LONGEST_WORDS = 200
PACKAGES = str(Path(dynometer.__file__).parents[1])


class Abandoned(Exception):
    """The sweep's time is over: nobody's fault."""


class Lost(Exception):
    """It hung, died or grew without end; the message is a sentence, `how` the part of it that follows "it"."""

    def __init__(self, sentence: str, how: str = "") -> None:
        super().__init__(sentence)
        self.how = how


@dataclass
class Limits:
    """Until when to listen, in seconds of time.perf_counter."""

    end_s: float  # of the sweep
    item_s: float
    workers: int = 1
    most_processes: int = MOST_PROCESSES
    stage: str = "its start"
    stage_start_s: float = field(default_factory=time.perf_counter)
    stage_end_s: float = field(default_factory=lambda: time.perf_counter() + 30.0)

    def enter(self, said: Said) -> None:
        self.stage, self.stage_start_s = said.stage, time.perf_counter()
        self.stage_end_s = self.stage_start_s + said.limit_s + said.items * self.item_s

    def check(self) -> None:
        """Raises Abandoned or Lost when the time is up."""
        now = time.perf_counter()
        if now >= self.stage_end_s:
            took_s = now - self.stage_start_s
            raise Lost(f"It hung: {self.stage} had not ended after {took_s:.3g} s; an item may take "
                       f"{self.item_s:.3g} s (--item-limit).", "does not end")
        if now >= self.end_s:
            raise Abandoned


def listen(order: Order, limits: Limits, library_threads: int, scratch: Path) -> Iterator[Said]:
    """What a measuring process says to `order`, up to its end.  Raises Lost and Abandoned.

    When the iterator ends or is closed, its whole family is gone.  `scratch` is its folder for temporary files.
    """
    environment = surroundings.for_child(library_threads)
    environment |= {"TMPDIR": str(scratch), "PYTHONPATH": _path_with(environment.get("PYTHONPATH", ""))}
    process = None
    with tempfile.TemporaryFile(dir=scratch) as errors:
        try:
            with uninterrupted():  # no moment in which there is a process that nobody would end
                process = subprocess.Popen(
                    [sys.executable, "-m", "dynometer.measure.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=errors, env=environment, start_new_session=True)
            assert process.stdin, "it was asked for"
            with contextlib.suppress(BrokenPipeError):  # it died already: listening tells how
                process.stdin.write(order.line().encode())
                process.stdin.flush()
            yield from _lines_of(process, limits, errors.fileno())
        finally:
            if process:
                end_family(process)


def _lines_of(process: "subprocess.Popen[bytes]", limits: Limits, errors: int) -> Iterator[Said]:
    assert process.stdout, "it was asked for"
    watch, received = FamilyWatch(process.pid, limits.workers + limits.most_processes), b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            read = b""
            if selector.select(LOOK_S):
                read = os.read(process.stdout.fileno(), 1 << 20)
                if not read:
                    selector.unregister(process.stdout)
            *lines, received = (received + read).split(b"\n")
            for said in map(_read, lines):
                if said.kind == "end":
                    _wait_for(process)
                    return
                if said.kind == "stage":
                    limits.enter(said)
                else:
                    yield said
            if len(received) > LONGEST_LINE:
                raise Lost("It answered with more than this sweep can read.")
            if not read and has_ended(process):
                raise _loss(process, limits.stage, errors)
            watch.check()
            limits.check()
            _keep_short(errors)


class FamilyWatch:
    """Counts a measuring process's descendants, when the system has so many tasks more that it may have too many."""

    def __init__(self, pid: int, most: int) -> None:
        self._pid, self._most = pid, most
        self._tasks = readings.task_count()

    def check(self) -> None:
        """Raises Lost when there are too many."""
        tasks = readings.task_count()
        if tasks is not None and self._tasks is not None and tasks - self._tasks < self._most:
            return  # one small file: counting a family reads hundreds, beside the windows
        count = len(readings.descendants(self._pid))
        if count > self._most:
            raise Lost(f"It started more than {self._most} processes: a function must not fork without end.",
                       f"starts more than {self._most} processes")


def end_family(process: "subprocess.Popen[bytes]") -> None:
    """Kill the measuring process, its group, and what has left the group; then bury it.  Ctrl+C waits meanwhile."""
    try:
        with uninterrupted():
            _end_family(process)
    finally:
        if process.returncode is None:  # interrupted before the first line
            with uninterrupted():
                _end_family(process)


def _end_family(process: "subprocess.Popen[bytes]") -> None:
    strays: set[int] = set()
    if not has_ended(process):
        with contextlib.suppress(OSError):
            os.kill(process.pid, signal.SIGSTOP)  # it starts nothing more, and adopts what loses its parent
        strays.update(readings.descendants(process.pid))
    _kill_group(process.pid)
    for _ in range(20):  # what a stray started while it was looked for is found in the next round
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        strays = {below for pid in strays for below in readings.descendants(pid)}
        if not strays:
            break
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe:
                pipe.close()


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Without burying it: as long as it is not buried, its number and its group's belong to nobody else."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait_for(process: "subprocess.Popen[bytes]") -> None:
    """An orderly end removes what killing would leave: temporary files, named semaphores."""
    end_s = time.perf_counter() + END_S
    while not has_ended(process) and time.perf_counter() < end_s:
        time.sleep(0.005)


def _keep_short(errors: int) -> None:
    """A function may print without end: nobody's disk shall fill."""
    if os.fstat(errors).st_size > LONGEST_LINE:
        os.ftruncate(errors, 0)
        os.lseek(errors, 0, os.SEEK_SET)  # the process writes where this descriptor stands: they share it


def _last_words(errors: int) -> str:
    size = os.fstat(errors).st_size
    lines = os.pread(errors, TAIL, max(0, size - TAIL)).decode(errors="replace").strip().splitlines()
    return lines[-1][:LONGEST_WORDS].rstrip(".") if lines else ""


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _read(line: bytes) -> Said:
    try:
        return from_json(Said, json.loads(line))
    except (Misfit, ValueError):
        raise Lost("It answered with something that is not of this sweep.") from None


def _loss(process: "subprocess.Popen[bytes]", stage: str, errors: int) -> Lost:
    """How it ended."""
    words = _last_words(errors)
    last = f"  Its last words: {words}." if words else ""
    code = process.wait() if not hasattr(os, "waitid") else _exit_code(process.pid)
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return Lost(f"The process that measured was killed by {name} during {stage}.{last}",
                    f"ends its process by {name}")
    return Lost(f"The process that measured ended by itself, with exit code {code}, during {stage}.{last}",
                f"ends its process with exit code {code}")


def _exit_code(pid: int) -> int:
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended, "it has ended"
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _path_with(inherited: str) -> str:
    """This package must be found however this process found it."""
    return os.pathsep.join([PACKAGES, inherited] if inherited else [PACKAGES])
