"""R2, R3, R4: why computing does not spread over cores: the interpreter's lock, the hardware, or the messages."""

from dynometer.advice.cause import CAUSES, Cause, Kind, Seen, Signal, judged, signal
from dynometer.advice.messages import ipc_share
from dynometer.advice.thresholds import (
    COST_RISES,
    COST_WATCHED,
    GIL_SHARE_LOCKED,
    GIL_SHARE_RELEASED,
    HIDDEN_LEAST,
    IPC_BOUND,
    IPC_MATTERS,
    LOCKED_MOST,
    PARENT_BUSY_CORES,
    PROCESSES_OVER_THREADS_LEAST,
    RELEASED_LEAST,
    TICK_LOCKED_S,
    TICK_RELEASED_S,
)

USE = "cores used by 2 threads over those of 1"
TICK = "lateness of a 1 ms sleep beside the computing thread"
KNOCKER = "share of the time that the GIL is held"
SETTLE_LOCK = ("Measure 1 and 2 threads with the sleep probe beside them, on at least 2 usable CPUs.",)


@CAUSES(2)
def interpreter_lock(seen: Seen) -> Cause | None:
    """Whether two threads compute at once, confirmed by how late a sleeping thread gets the interpreter back."""
    found, use = seen.observables, seen.observables.thread_use_ratio
    if not seen.is_computing or seen.cpus < 2 or (found.hidden_threads or 1.0) > HIDDEN_LEAST:
        return None  # one CPU, or threads that a library hides, give the same ratio without any lock
    if seen.is_free_threaded:
        return _shared_objects(seen)
    pair = None
    if found.process_speedup is not None and found.thread_speedup:
        pair = found.process_speedup / found.thread_speedup
    is_apart = pair is not None and pair >= PROCESSES_OVER_THREADS_LEAST
    if (use is not None and use <= LOCKED_MOST) or (use is None and is_apart):
        return _locked(seen, pair)
    if use is None or use >= RELEASED_LEAST:
        return _released(seen)
    return _partly(seen)


def _locked(seen: Seen, pair: float | None) -> Cause:
    found = seen.observables
    probes = [
        *signal(TICK, found.tick_overshoot_s, TICK_LOCKED_S, unit="s"),
        *signal(KNOCKER, found.gil_share, GIL_SHARE_LOCKED, unit="%"),
    ]
    signals = [
        *signal(USE, found.thread_use_ratio, LOCKED_MOST, most=True),
        *probes,
        *signal("speed-up of 2 processes over that of 2 threads", pair, PROCESSES_OVER_THREADS_LEAST),
    ]
    return judged(
        Kind.GIL,
        "The interpreter's lock (GIL)",
        "The interpreter's lock (GIL) lets one thread compute at a time.",
        signals,
        would_settle=SETTLE_LOCK,
        is_confirmed=any(probe.agrees for probe in probes),
    )  # else another lock of this process would do


def _released(seen: Seen) -> Cause | None:
    found = seen.observables
    signals = [
        *signal(USE, found.thread_use_ratio, RELEASED_LEAST),
        *signal(TICK, found.tick_overshoot_s, TICK_RELEASED_S, most=True, unit="s"),
        *signal(KNOCKER, found.gil_share, GIL_SHARE_RELEASED, most=True, unit="%"),
        *signal("speed-up of 2 threads", found.thread_speedup, RELEASED_LEAST),
    ]
    if not signals:
        return None
    return judged(
        Kind.GIL_RELEASED,
        "Code that releases the interpreter's lock",
        "The code computes and releases the interpreter's lock (GIL): threads compute at once.",
        signals,
        would_settle=SETTLE_LOCK,
        is_confirmed=found.thread_use_ratio is not None,
    )


def _partly(seen: Seen) -> Cause:
    found = seen.observables
    between = [
        Signal(f"{name} (below {limit:g})", value, LOCKED_MOST)
        for name, value, limit in (
            (USE, found.thread_use_ratio, RELEASED_LEAST),
            ("speed-up of 2 threads", found.thread_speedup, RELEASED_LEAST),
        )
        if value is not None and value < limit
    ]
    if found.tick_overshoot_s is not None and found.tick_overshoot_s < TICK_LOCKED_S:
        between += signal(TICK, found.tick_overshoot_s, TICK_RELEASED_S, unit="s")
    return judged(
        Kind.GIL_PARTLY,
        "Code that releases the interpreter's lock for a part of its time",
        "The code holds the interpreter's lock (GIL) for a part of its time: threads compute at once in the rest.",
        between,
        would_settle=SETTLE_LOCK,
    )


def _shared_objects(seen: Seen) -> Cause | None:
    found = seen.observables
    if found.thread_cpu_ratio is None or found.thread_cpu_ratio < COST_RISES:
        return _released(seen) if (found.thread_use_ratio or 0.0) >= RELEASED_LEAST else None
    signals = [
        *signal("CPU per item with 2 threads over 1", found.thread_cpu_ratio, COST_RISES),
        *signal("CPU per item with 2 processes over 1", found.process_cpu_ratio, COST_WATCHED, most=True),
    ]
    return judged(
        Kind.SHARED_OBJECTS,
        "Objects that the threads share",
        "Threads pay for objects they share: the same item"
        " costs more CPU beside another thread, and not beside another process.",
        signals,
        would_settle=("Measure 1 and 2 processes beside 1 and 2 threads.",),
    )


@CAUSES(3)
def shared_hardware(seen: Seen) -> Cause | None:
    """The same item costs more CPU beside another process: memory, cache, core or clock are shared."""
    found, cost = seen.observables, seen.observables.process_cpu_ratio
    if not seen.is_computing or seen.cpus < 2 or cost is None or cost < COST_WATCHED:
        return None
    by_threads = found.thread_cpu_ratio
    if by_threads is None and found.thread_use_ratio is not None and found.thread_speedup:
        by_threads = found.thread_use_ratio / found.thread_speedup  # finding 6: S = use ratio / cost ratio
    signals = [
        *signal("CPU per item with 2 processes over 1", cost, COST_RISES),
        *signal("CPU per item with 2 threads over 1", by_threads, COST_RISES),
        *signal("speed-up of 2 processes", found.process_speedup, 2 / COST_RISES, most=True),
    ]
    is_small = None not in (found.working_set_bytes, found.l2_bytes) and (
        (found.working_set_bytes or 0) < (found.l2_bytes or 0)
    )
    kind, what = (
        (Kind.SHARED_CORE, "the clock or a core they share, as their data fit its own cache")
        if is_small
        else (Kind.MEMORY_BANDWIDTH, "memory bandwidth or a cache they share")
    )
    return judged(
        kind,
        "Shared hardware",
        f"Workers slow one another down through {what}.",
        signals,
        would_settle=("Measure with data that fit the core's own cache: if the cost stays, it is the clock or SMT.",),
        is_confirmed=cost >= COST_RISES,
    )


@CAUSES(4)
def message_cost(seen: Seen) -> Cause | None:
    """Sending an item to a process and its value back costs a good part of computing it."""
    found, share = seen.observables, ipc_share(seen.observables)
    is_parent_full = found.parent_cores is not None and found.parent_cores >= PARENT_BUSY_CORES
    if seen.is_waiting or (not is_parent_full and (share is None or share < IPC_MATTERS)):
        return None  # beside a wait, messages cost next to nothing however little is computed
    is_bound = is_parent_full or (share or 0.0) >= IPC_BOUND
    expected = max(LOCKED_MOST, 2 / (1 + (share or IPC_MATTERS)) * 1.15)  # what 2 processes reach, with some spread
    signals = [
        *signal(
            "messages over computing, per item",
            share,
            IPC_BOUND if is_bound and not is_parent_full else IPC_MATTERS,
            unit="%",
        ),
        *signal("cores kept busy by the parent", found.parent_cores, PARENT_BUSY_CORES, unit=""),
        *signal("CPU per item with 1 process over sequential", found.process_overhead, 1 + IPC_MATTERS),
        *signal("speed-up of 2 processes", found.process_speedup, min(2.0, expected), most=True),
    ]
    how = "more than the computing itself" if is_bound else "a good part of the computing"
    return judged(
        Kind.IPC if is_bound else Kind.IPC_PARTLY,
        "The cost of messages between processes",
        f"Sending items and values between processes costs {how}.",
        signals,
        would_settle=("Measure 1 and 2 processes with larger chunks.",),
    )
