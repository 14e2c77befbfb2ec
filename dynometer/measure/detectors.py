"""What was seen beside the clock: snapshots around a window, and their difference as signals (science C.3)."""

import os
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dynometer.measure import cgroup, readings
from dynometer.measure.trial import Signals

SPIN_LOOPS = 150_000  # 3 to 8 ms
SPINS = 4  # the quickest counts: an interrupt slows one of them, a slower clock all


@dataclass(frozen=True)
class Snapshot:
    """Counters at one instant; a window is the difference of two."""

    at_s: float
    cpu_s: float  # this process, its living descendants, and those that ended and were waited for
    system_cpu_s: float
    run_delays_ns: Mapping[int, int] | None
    switches: Mapping[int, int] | None
    pressure_s: float | None
    busy_s: float | None  # of the CPUs that this process may use, whoever used them
    stolen_s: float | None
    throttled: int | None
    major_faults: int | None


def snapshot(pids: Sequence[int], *, is_after: bool = False, root: Path = readings.ROOT) -> Snapshot:
    """Of this process and `pids`.  The CPU time is read nearest to the window: last before it, first after it."""
    everyone = [os.getpid(), *pids]
    if is_after:
        cpu = _cpu(pids)
    pressure, system = readings.pressure(root), readings.system_cpu_s(root)
    delays, switches = readings.run_delays_ns(everyone, root), readings.voluntary_switches(everyone, root)
    throttled, faults = cgroup.throttled_periods(root), readings.major_faults(everyone, root)
    if not is_after:
        cpu = _cpu(pids)
    return Snapshot(
        at_s=time.perf_counter(), cpu_s=cpu[0], system_cpu_s=cpu[1], run_delays_ns=delays, switches=switches,
        pressure_s=pressure[1] if pressure else None, busy_s=system[0] if system else None,
        stolen_s=system[1] if system else None, throttled=throttled, major_faults=faults,
    )


def signals_between(before: Snapshot, after: Snapshot, wall_s: float, workers: int, spins_s: tuple[float, float],
                    cpus: int | None = None) -> Signals:
    """What two snapshots around a window of `wall_s` [s] of `workers` tell; `cpus` is the number of CPUs they cover."""
    delay_ns = rise(before.run_delays_ns, after.run_delays_ns)
    pressure_s = _difference(before.pressure_s, after.pressure_s)
    busy_s = _difference(before.busy_s, after.busy_s)
    stolen_s = _difference(before.stolen_s, after.stolen_s)
    around_s = max(after.at_s - before.at_s, wall_s)
    own_s = after.cpu_s - before.cpu_s
    count = cpus or len(readings.usable_cpus() or ()) or os.cpu_count() or 1
    return Signals(
        run_delay_share=None if delay_ns is None else delay_ns / 1e9 / (workers * wall_s),
        cpu_pressure_share=None if pressure_s is None else min(pressure_s / around_s, 1.0),
        others_cores=None if busy_s is None else max(0.0, (busy_s - own_s) / around_s),
        throttled_periods=_whole(_difference(before.throttled, after.throttled)),
        steal_share=None if stolen_s is None else stolen_s / (around_s * count),
        clock_change=spins_s[1] / spins_s[0] - 1,
        major_faults=_whole(_difference(before.major_faults, after.major_faults)),
        spin_s=min(spins_s),
    )


def spin() -> float:
    """CPU seconds of a fixed piece of work: how quick this CPU is at the moment, whoever else wants it."""
    return min(_spin_once() for _ in range(SPINS))


def rise(before: Mapping[int, int] | None, after: Mapping[int, int] | None) -> int | None:
    """What the threads have added to their counters; those that ended meanwhile are not known any more."""
    if before is None or after is None:
        return None
    return sum(count - before.get(thread, 0) for thread, count in after.items())


def _spin_once() -> float:
    start, total = time.thread_time(), 0
    for number in range(SPIN_LOOPS):
        total += number
    return time.thread_time() - start


def _cpu(pids: Sequence[int]) -> tuple[float, float]:
    """(CPU, part in the kernel) of this process, its ended children, and `pids` [s]."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = time.process_time() + ended.ru_utime + ended.ru_stime + sum(map(readings.cpu_time_s, pids))
    return cpu, own.ru_stime + ended.ru_stime + sum(map(readings.kernel_time_s, pids))


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else max(0, after - before)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
