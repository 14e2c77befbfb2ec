"""One timed window: workers started and warm, a known number of items, all counters read around it."""

import gc
import itertools
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from dynometer import execution, workloads
from dynometer.execution.chunks import Chunk
from dynometer.execution.model import Crew
from dynometer.measure import detectors, readings
from dynometer.measure.calibration import Frame, warm_up, window_items
from dynometer.measure.naming import Names
from dynometer.measure.order import Said, WindowOrder
from dynometer.measure.spread import take
from dynometer.measure.trial import Trial
from dynometer.measure.voice import Voice
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Json

START_LIMIT_S = 30.0  # for the first worker
START_EACH_S = 1.0  # for each further one
STOP_LIMIT_S = 5.0
PATIENCE = 10.0  # times what the items before it let expect; and one item may always take what the plan allows
BATCH_ITEMS = 200_000  # values of so many are in memory at a time


class Supply:
    """The sample's items in the order of `spread`, for ever."""

    def __init__(self, items: Sequence[Json]) -> None:
        self._items = list(items)
        self._place = 0

    def next(self, count: int) -> Chunk:
        """That many, with the place of the first."""
        self._place, first = (self._place + count) % len(self._items), self._place
        return first, list(itertools.islice(itertools.cycle(self._items), first, first + count))

    def rewind(self) -> None:
        """So that each window of a point does the same work."""
        self._place = 0


def measure(order: WindowOrder, voice: Voice) -> None:
    """Start the point's workers, warm them, time one window and say what it was.

    It is said before the workers end: an end that hangs costs nothing.  Raises what a call or the model raises.
    """
    job, point = order.job, order.point
    model = execution.find(point.model)
    workload = workloads.resolve(job.workload)
    parameters: object = read_parameters(workload.parameters, job.parameters)
    sample = take(workload, parameters, job.items, job.given(), order.sample)
    supply = Supply(sample)
    voice.stage("the start of the workers", START_LIMIT_S + START_EACH_S * point.workers)
    began = time.perf_counter()
    with model.crew(job.work(point.variant), point.workers, job.start_method) as crew:
        startup_s = time.perf_counter() - began
        frame = Frame(point.workers, order.cpus_usable, order.chunk, order.window_s, order.longest_s, order.sample)
        # where workers share the interpreter, one item has warmed it for all of them
        first_items = 1 if order.items and not model.uses_processes else 0
        runner = Runner(crew, order.chunk, voice, job.names(sample))
        warmth = warm_up(lambda count: runner.seconds([supply.next(count)]), frame, first_items)
        supply.rewind()
        count = order.items or window_items(warmth.rate_per_s, frame)
        trial = replace(_window(runner, order, supply, count), startup_s=startup_s, warmup_s=warmth.took_s,
                        start_method=job.start_method if model.uses_processes else "")
        voice.say(Said("trial", trial=trial))
        voice.stage("the end of the workers", STOP_LIMIT_S)


class Runner:
    """Times runs of a crew, and says before each how long it may take."""

    def __init__(self, crew: Crew, chunk: int, voice: Voice, names: Names) -> None:
        self.crew = crew
        self._names = names
        self._chunk = chunk
        self._voice = voice
        self._item_s: float | None = None  # of the last run

    def seconds(self, batches: Sequence[Chunk]) -> float:
        """That the crew takes for all batches; of a simulated one, those that its law dictates."""
        count = sum(len(items) for _, items in batches)
        if self._item_s is None:
            named = self._names.of_several(batches[0][0], count)
            self._voice.stage(f"the call of {named}", items=count)
        else:
            self._voice.stage("the items of a window", PATIENCE * self._item_s * count, items=1)
        dictated_s = 0.0
        start = time.perf_counter()
        for first, batch in batches:
            with self._names.given(first):
                self.crew.run(batch, self._chunk)
            dictated_s += getattr(self.crew, "dictated_s", 0.0)
        wall_s = time.perf_counter() - start
        self._item_s = wall_s / count
        return dictated_s or wall_s


def _window(runner: Runner, order: WindowOrder, supply: Supply, count: int) -> Trial:
    crew = runner.crew
    batches = [supply.next(min(BATCH_ITEMS, count - first)) for first in range(0, count, BATCH_ITEMS)]
    pids = sorted({*readings.descendants(os.getpid()), *crew.process_ids()} - {os.getpid()})
    gc.collect()
    before_s, workers_before_s = detectors.spin(), crew.worker_cpu_s()
    before = detectors.snapshot(pids)
    wall_s = runner.seconds(batches)
    after = detectors.snapshot(pids, is_after=True)
    workers_after_s, after_s = crew.worker_cpu_s(), detectors.spin()
    signals = detectors.signals_between(before, after, wall_s, order.point.workers, (before_s, after_s))
    is_known = workers_before_s is not None and workers_after_s is not None
    return Trial(
        point=order.point, block=order.block, place=order.place, attempt=order.attempt, items=count,
        sample=order.sample, chunk=order.chunk, wall_s=wall_s, cpu_s=after.cpu_s - before.cpu_s,
        system_cpu_s=after.system_cpu_s - before.system_cpu_s,
        worker_cpu_s=(workers_after_s or 0) - (workers_before_s or 0) if is_known else None,
        voluntary_switches=detectors.rise(before.switches, after.switches), signals=signals,
        doubts=_doubts(order), memory_pss_bytes=readings.memory_pss_bytes([os.getpid(), *pids]),
    )


def _doubts(order: WindowOrder) -> tuple[str, ...]:
    is_enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    if is_enabled == order.is_gil_enabled:
        return ()
    return ("Lock: a library that the work loads has switched the interpreter's lock back on.",)

