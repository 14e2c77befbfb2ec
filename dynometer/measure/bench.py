"""Where a sweep's orders are carried out: one measuring process each, and a clock."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

from dynometer.measure import readings, undertaker
from dynometer.measure.interruption import uninterrupted
from dynometer.measure.offspring import Abandoned, Limits, Lost, listen
from dynometer.measure.order import Job, Order, ProbeOrder, ProofOrder, Proved, Said, WindowOrder
from dynometer.measure.trial import Point, Probe, Trial
from dynometer.workloads.workload import Json

GRACE_S = 2.0  # that a window may overrun the budget before it is given up


class PointFailed(Exception):
    """A point raised, died or hung; the message is a sentence."""


class Bench(Protocol):
    """What a sweep needs of the world: tests have one without processes and with a clock of their own."""

    def now_s(self) -> float:
        """Seconds since some fixed instant."""

    def pause(self, seconds: float) -> None: ...

    def prove(self, order: ProofOrder, end_s: float) -> Iterator[Proved]:
        """The reference first, then each point.  Ends early when the reference has failed, or at `end_s`."""

    def probe(self, order: ProbeOrder, end_s: float) -> Probe | None:
        """None when it could not be had."""

    def window(self, order: WindowOrder, end_s: float) -> Trial | None:
        """None when it was given up at `end_s`.  Raises PointFailed."""


class ProcessBench:
    """A fresh interpreter for every order.

    Use as a context manager: it owns a folder for temporary files, and a process that ends all others when this one is
    killed.
    """

    def __init__(self, library_threads: int, item_limit_s: float) -> None:
        self._library_threads = library_threads
        self._item_limit_s = item_limit_s

    def __enter__(self) -> "ProcessBench":
        self._temporary = tempfile.TemporaryDirectory(prefix="dyno-sweep-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self._inputs: tuple[Json, ...] | None = None
        self._inputs_file = ""
        self._undertaker = None
        if readings.IS_LINUX:
            with uninterrupted():
                self._undertaker = subprocess.Popen(
                    [sys.executable, "-IS", undertaker.__file__, str(self.folder)], stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._temporary.cleanup()
        if self._undertaker and self._undertaker.stdin:
            with uninterrupted():
                self._undertaker.kill()
                self._undertaker.stdin.close()
                self._undertaker.wait()

    def now_s(self) -> float:
        return time.perf_counter()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def prove(self, order: ProofOrder, end_s: float) -> Iterator[Proved]:
        left = [order.reference, *order.points]
        while left:
            rest = replace(order, points=tuple(point for point in left if point != order.reference))
            try:
                for said in self._ask(Order(proof=replace(rest, job=self._light(rest.job))), end_s, order.points):
                    if said.kind == "failed":
                        yield Proved(order.reference, False, said.reason, None, has_failed=True)
                        return
                    if said.proved and said.proved.point in left:
                        left.remove(said.proved.point)
                        yield said.proved
                return
            except Abandoned:
                return
            except Lost as lost:
                yield Proved(left[0], False, str(lost), None, has_failed=True)
                if left.pop(0) == order.reference:
                    return

    def probe(self, order: ProbeOrder, end_s: float) -> Probe | None:
        with contextlib.suppress(Lost, Abandoned):
            for said in self._ask(Order(probe=replace(order, job=self._light(order.job))), end_s):
                if said.probe:
                    return said.probe
        return None

    def window(self, order: WindowOrder, end_s: float) -> Trial | None:
        trial = None
        try:
            for said in self._ask(Order(window=replace(order, job=self._light(order.job))), end_s, [order.point]):
                if said.kind == "failed":
                    raise PointFailed(said.reason)
                trial = said.trial or trial
        except Lost as lost:
            if trial is None:
                raise PointFailed(str(lost)) from None  # after its last word its end is of no interest
        except Abandoned:
            pass
        return trial

    def _light(self, job: Job) -> Job:
        """With the name of a file in place of the user's items, which is written when they change."""
        if job.inputs is None:
            return job
        if job.inputs is not self._inputs:
            path = self.folder / "inputs.json"
            path.write_text(json.dumps(job.inputs, allow_nan=False), encoding="utf-8")
            self._inputs, self._inputs_file = job.inputs, str(path)
        return replace(job, inputs=None, inputs_file=self._inputs_file)

    def _ask(self, order: Order, end_s: float, points: Sequence[Point] = ()) -> Iterator[Said]:
        limits = Limits(end_s + GRACE_S, self._item_limit_s, max((point.workers for point in points), default=1))
        return listen(order, limits, self._library_threads, self.folder)
