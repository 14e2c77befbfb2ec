"""R0, R6, R7, R8: the machine and the libraries, before the workload is blamed."""

from dynometer.advice.cause import CAUSES, Cause, Kind, Seen, judged, signal
from dynometer.advice.thresholds import (
    FAULTS_LEAST,
    HIDDEN_LEAST,
    LOCKED_MOST,
    OTHERS_LEAST,
    OTHERS_SHARE_MOST,
    PRESSURE_MOST,
    RUN_DELAY_MOST,
    SWITCHES_WAITING_LEAST,
    SYSTEM_LEAST,
    WAITING_MOST,
)
from dynometer.wording import counted


@CAUSES(0)
def starved(seen: Seen) -> Cause | None:
    """Other work took the CPUs: every signal below misleads, so no cause is named.

    Workers that queue behind one another, or behind their own parent, are no reason: nobody else used the CPUs.
    """
    found = seen.observables
    others = found.others_cores
    if others is not None and others <= OTHERS_LEAST:
        return None
    waits = [
        *signal("CPU pressure", found.pressure_share, PRESSURE_MOST, unit="%"),
        *signal("run delay", found.run_delay_share, RUN_DELAY_MOST, unit="%"),
    ]
    signals = [one for one in waits if one.value > one.threshold]
    if not waits and others is not None and others > OTHERS_SHARE_MOST * seen.cpus:
        signals = signal("cores kept busy by others", others, OTHERS_SHARE_MOST * seen.cpus, unit="")
    elif signals:
        signals += signal("cores kept busy by others", others, OTHERS_LEAST, unit="")
    if not signals:
        return None
    sentence = "Other work kept this machine's CPUs busy, so no cause is named: under such a load they look alike."
    return Cause(
        Kind.REFUSED,
        sentence,
        tuple(signals),
        would_settle=("Measure again when nothing else computes on this machine.",),
    )


@CAUSES(6)
def library_threads(seen: Seen) -> Cause | None:
    """A library computes in threads of its own: process CPU exceeds that of the workers."""
    found = seen.observables
    if found.hidden_threads is None or found.hidden_threads <= HIDDEN_LEAST:
        return None
    workers = max(1, found.library_workers)
    hidden = signal("process CPU over that of the workers' own threads", found.hidden_threads, HIDDEN_LEAST)
    allowed = signal("library threads allowed per worker", found.library_threads, 2, unit="")
    settle = ("Measure once more with 1 library thread per worker.",)
    if found.hidden_threads * workers <= seen.cpus:
        sentence = f"A library computes in threads of its own, and {counted(seen.cpus, 'usable CPU')} bear them."
        return judged(
            Kind.LIBRARY_THREADS, "A library with threads of its own", sentence, hidden + allowed, would_settle=settle
        )
    busy = signal(
        f"threads that {counted(workers, 'worker')} keep busy", found.hidden_threads * workers, seen.cpus, unit=""
    )
    flat = [
        one
        for name, speedup in (("threads", found.thread_speedup), ("processes", found.process_speedup))
        for one in signal(f"speed-up of 2 {name}", speedup, LOCKED_MOST, most=True)
    ]
    sentence = (
        f"{counted(workers, 'worker')} and the threads of a library they call are more than"
        f" {counted(seen.cpus, 'usable CPU')}."
    )
    proven = any(one.agrees for one in allowed + flat)  # `busy` follows from `hidden`: together they are one signal
    return judged(
        Kind.OVERSUBSCRIBED_LIBRARY,
        "A library with threads of its own on top of the workers",
        sentence,
        hidden + busy + allowed + flat,
        would_settle=settle,
        is_confirmed=proven,
    )


@CAUSES(7)
def quota(seen: Seen) -> Cause | None:
    """The cgroup stopped the workers: its limit looks like contention."""
    found = seen.observables
    if not found.throttled:
        return None
    limit = "the CPU quota" if found.cpu_quota is None else f"the quota of {counted(found.cpu_quota, 'CPU')}"
    signals = signal("windows in which the system stopped the workers", 1.0, 1.0, unit="")
    signals += signal("quota in cores, the usable CPUs", found.cpu_quota, seen.cpus, most=True, unit="")
    return judged(
        Kind.QUOTA,
        "A CPU quota",
        f"The workers used up {limit} and were stopped for a part of each period.",
        signals,
        would_settle=("Read the limit of this container or service; measure with it raised.",),
    )


@CAUSES(8)
def kernel_time(seen: Seen) -> Cause | None:
    """The system computes more than the code: page faults or many small reads and writes."""
    found = seen.observables
    if found.system_share is None or found.system_share <= SYSTEM_LEAST or (seen.activity or 0.0) < WAITING_MOST:
        return None  # of next to no CPU time, any share is no cause
    signals = [
        *signal("system share of the CPU time", found.system_share, SYSTEM_LEAST, unit="%"),
        *signal("page faults per item", found.faults_per_item, FAULTS_LEAST, unit=""),
        *signal("voluntary switches per item", found.switches_1, SWITCHES_WAITING_LEAST, unit=""),
    ]
    return judged(
        Kind.KERNEL,
        "The system's own work",
        "The system computes for the code: fresh memory or small reads and"
        " writes cost as much as the computing itself.",
        signals,
        would_settle=("Count page faults and system calls per item.",),
    )
