"""What one worker's calls are like, seen in windows of their own (science D.1): they may disturb what they look at."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.reduction import ForkingPickler
from typing import Any

from dynometer import execution, workloads
from dynometer.execution.model import Crew, Work
from dynometer.measure.order import ProbeOrder
from dynometer.measure.spread import take
from dynometer.measure.trial import Probe
from dynometer.measure.voice import Voice
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Json

WATCHED_S = 0.5
NAP_S = 0.001
PICKLED_S = 0.02  # enough rounds to be told from the clock's own step
MOST_ITEMS = 64  # whose pickles are weighed
EMPTY_ITEMS = 100_000
EMPTY_ROUNDS = 3


def nothing(item: Json) -> Json:
    """The empty function around which the instrument's own cost is measured."""
    return item


def probe(order: ProbeOrder, voice: Voice) -> Probe:
    """Pickling, the lateness of another thread, gilknocker where it is installed, and the instrument's own cost.

    Raises what a call raises.
    """
    job = order.job
    workload = workloads.resolve(job.workload)
    parameters: object = read_parameters(workload.parameters, job.parameters)
    items = take(workload, parameters, job.items, job.given(), MOST_ITEMS)
    voice.stage("the probe", 30.0, items=1)
    with execution.find(order.model).crew(job.work(order.variant), 1, job.start_method) as crew:
        start = time.perf_counter()
        values = crew.run(items[:1], 1)
        first_s = time.perf_counter() - start
        voice.stage("the probe", 10 * WATCHED_S, items=3)
        overshoot_s = tick_overshoot_s(crew, items, first_s)
        gil_share = _gil_share(crew, items, first_s)
    cpu_s, size = pickle_cost(items[:1], values)
    voice.stage("the probe of the overhead", 10.0)
    return Probe(order.variant, cpu_s, size, overshoot_s, gil_share, call_overhead_s())


def pickle_cost(items: Sequence[Json], values: Sequence[Json]) -> tuple[float | None, float | None]:
    """(CPU seconds, bytes) per item of sending it to another process and its value back; None when it can't be sent.

    With the pickler that multiprocessing itself uses.
    """
    try:
        pickles = [bytes(ForkingPickler.dumps(one)) for one in (*items, *values)]
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is pickled
        return None, None
    rounds, start = 0, time.thread_time()
    while (taken_s := time.thread_time() - start) < PICKLED_S:
        for one in (*items, *values):
            ForkingPickler.loads(ForkingPickler.dumps(one))
        rounds += 1
    return taken_s / rounds / len(items), sum(map(len, pickles)) / len(items)


def tick_overshoot_s(crew: Crew, items: Sequence[Json], item_s: float) -> float | None:
    """Median lateness [s] of 1 ms sleeps in another thread while one worker computes.

    A thread that wakes must get the interpreter's lock: some 5 ms (the switch interval) while Python code runs, a tenth
    of a millisecond while the lock is free.
    """
    late: list[float] = []
    is_over = threading.Event()

    def sleeper() -> None:
        while not is_over.is_set():
            start = time.perf_counter()
            time.sleep(NAP_S)
            late.append(time.perf_counter() - start - NAP_S)

    thread = threading.Thread(target=sleeper, daemon=True)
    thread.start()
    try:
        _keep_busy(crew, items, item_s)
    finally:
        is_over.set()
        thread.join()
    return statistics.median(late) if len(late) >= 10 else None


def call_overhead_s() -> float:
    """Seconds per item of the sequential model around an empty function, in batches; the best of some rounds."""
    work = Work(f"{__name__}:{nothing.__name__}", "python", {})
    items = [0] * EMPTY_ITEMS
    with execution.find("sequential").crew(work, 1, "fork") as crew:
        return min(_seconds(crew.run, items, EMPTY_ITEMS) for _ in range(EMPTY_ROUNDS)) / EMPTY_ITEMS


def _gil_share(crew: Crew, items: Sequence[Json], item_s: float) -> float | None:
    """gilknocker's share of the time in which the interpreter's lock was wanted and taken; None where it is missing."""
    try:
        from gilknocker import KnockKnock  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    knocker = KnockKnock(polling_interval_micros=1_000)
    knocker.start()
    try:
        _keep_busy(crew, items, item_s)
        return float(knocker.contention_metric)
    finally:
        knocker.stop()


def _keep_busy(crew: Crew, items: Sequence[Json], item_s: float) -> None:
    """At least one item, for about WATCHED_S."""
    each = max(1, min(len(items), int(WATCHED_S / 5 / max(item_s, 1e-9))))
    start = time.perf_counter()
    while time.perf_counter() - start < WATCHED_S:
        crew.run(items[:each], each)


def _seconds(function: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start
