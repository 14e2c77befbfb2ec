"""A sweep in a process of its own: `python -m dynometer.measure.stream`, one order on standard input, answers as lines.

Whoever started it may end it by SIGTERM or kill it with its process group: nothing of the sweep stays.  When its
standard input ends, the one who started it is gone: then it ends too.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, cast

from dynometer.errors import DynometerError
from dynometer.execution.faults import named
from dynometer.execution.offers import Offer, offers_for
from dynometer.measure.codec import from_json, to_json
from dynometer.measure.events import Event, event_of, kind_of
from dynometer.measure.inspection import inspected
from dynometer.measure.machine import Environment, environment
from dynometer.measure.plan import Plan
from dynometer.measure.sweep import sweep

PROVING, MEASURING = "proving", "measuring"
GO = "go\n"


@dataclass(frozen=True)
class Kept:
    """An event and the word for its kind."""

    kind: str
    body: Any

    @property
    def event(self) -> Event:
        return event_of(self.kind, self.body)


@dataclass(frozen=True)
class StreamOrder:
    """Measure `plan`, from where `earlier` events of it end."""

    plan: Plan
    earlier: tuple[Kept, ...] = ()
    spent_s: float = 0.0  # of the budget, by earlier lives
    asks: bool = False  # for the node to itself, before whatever must not be disturbed
    wants_facts: bool = True  # whether the machine is told first


@dataclass(frozen=True)
class Told:
    """One line from a stream.

    `kind` is "machine" (environment and offers), "phase" (proving or measuring), "ask" and "leave", an event's
    ("trial", "setback", "probe", "ended", with its body and what is spent of the budget), "failed" (with the sentence)
    or "end".
    """

    kind: str
    environment: Environment | None = None
    offers: tuple[Offer, ...] = ()
    phase: str = ""
    body: Any = None
    spent_s: float | None = None
    reason: str = ""

    @property
    def event(self) -> Event | None:
        return event_of(self.kind, self.body) if self.body is not None else None

    def line(self) -> bytes:
        """Without what it does not tell."""
        told = {name: value for name, value in to_json(self).items() if value is not None and value not in ("", [])}
        return json.dumps(told, allow_nan=False).encode() + b"\n"


def order_line(plan: Plan, earlier: Sequence[Event] = (), spent_s: float = 0.0, *, asks: bool = False,
               wants_facts: bool = True) -> str:
    """What to write to the process's standard input, which must stay open.

    With `asks` it says "ask" when nobody else may compute here, waits for the line GO, and says "leave" after it.
    """
    kept = tuple(Kept(kind_of(event), to_json(event)) for event in earlier)
    return json.dumps(to_json(StreamOrder(plan, kept, spent_s, asks, wants_facts)), allow_nan=False) + "\n"


def read_said(line: bytes | str) -> Told:
    """Raises ValueError for what is no line of a stream."""
    return from_json(Told, json.loads(line))


def main() -> None:
    """Follow the order that the first line of standard input is, and tell how it ended unless a signal ended it."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _stop)
    line, may_go = _first_line(), threading.Semaphore(0)
    threading.Thread(target=_read_on, args=(may_go,), daemon=True, name="watchdog").start()
    try:
        Stream(from_json(StreamOrder, json.loads(line)), may_go).run()
    except DynometerError as error:
        _say(Told("failed", reason=str(error)))
    except Exception as error:
        _say(Told("failed", reason=f"The sweep's process raised {named(error)}."))
        raise  # its trace belongs in the log of who started it
    else:
        _say(Told("end"))


@dataclass
class Stream:
    """Follows an order and tells how it goes."""

    order: StreamOrder
    may_go: threading.Semaphore  # released at each GO
    phase: str = ""
    is_proven: bool = False
    waited_s: float = 0.0
    start_s: float = field(default_factory=time.perf_counter)

    def run(self) -> None:
        plan = self.order.plan
        inspected(plan.workload)  # a user's own code is never imported here
        if self.order.wants_facts:
            _say(Told("machine", environment=environment(plan.library_threads),
                      offers=offers_for(plan.workload, plan.parameters)))
        self.start_s = time.perf_counter()
        earlier = tuple(kept.event for kept in self.order.earlier)
        found = sweep(plan, earlier=earlier, spent_s=self.order.spent_s, alone=self._alone)
        with closing(cast("Generator[Event, None, None]", found)) as events:  # closed, it leaves no process
            for event in events:
                self._enter(MEASURING if kind_of(event) == "trial" else self.phase)
                _say(Told(kind_of(event), body=to_json(event), spent_s=self._spent_s()))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.order.asks:
            asked_s = time.perf_counter()
            _say(Told("ask"))
            self.may_go.acquire()
            self.waited_s += time.perf_counter() - asked_s
        self._enter(MEASURING if self.is_proven else PROVING)
        yield
        if self.order.asks:
            _say(Told("leave"))
        self.is_proven = True

    def _enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            _say(Told("phase", phase=phase))

    def _spent_s(self) -> float:
        return self.order.spent_s + time.perf_counter() - self.start_s - self.waited_s


def _say(told: Told) -> None:
    line = told.line()
    while line:
        line = line[os.write(1, line):]


def _stop(number: int, frame: FrameType | None) -> None:
    """Once: further signals must not cut short the end of the sweep's processes."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _first_line() -> bytes:
    """Unbuffered: nothing of what follows it is taken away from the watchdog."""
    line = bytearray()
    while not line.endswith(b"\n"):
        read = os.read(0, 1 << 16)
        if not read:
            sys.exit("The order ended before its line did.")
        line += read
    return bytes(line)


def _read_on(may_go: threading.Semaphore) -> None:
    """Until the input ends: then whoever started this is gone."""
    while read := os.read(0, 4096):
        for _ in range(read.count(GO.encode())):
            may_go.release()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
