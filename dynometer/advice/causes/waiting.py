"""R1 and R5: whether an item waits or computes, and whether waiting items wait for one another."""

from dynometer.advice.cause import CAUSES, Cause, Kind, Seen, Signal, judged, signal
from dynometer.advice.thresholds import (
    COMPUTING_LEAST,
    CONVOY,
    COST_FLAT,
    EFFICIENCY_SERIAL,
    OVERLAP_LEAST,
    SWITCHES_RISE,
    SWITCHES_WAITING_LEAST,
    WAITING_MOST,
)


@CAUSES(1)
def waiting_or_computing(seen: Seen) -> Cause | None:
    """The share of an item's time that it computes: little is I/O, some is mixed, nearly all is no cause by itself."""
    found, activity = seen.observables, seen.activity
    if activity is None or seen.is_computing:
        return None
    switches = signal("voluntary switches per item", found.switches_1, SWITCHES_WAITING_LEAST, unit="")
    settle = ("Measure 1, 2 and 4 threads: calls that wait overlap.",)
    if seen.is_waiting:
        signals = [
            *signal("share of an item's time that it computes", activity, WAITING_MOST, most=True, unit="%"),
            *switches,
            *signal("speed-up of 2 threads", found.thread_speedup, OVERLAP_LEAST),
            *signal("speed-up of 4 threads", found.thread_speedup_4, 2 * OVERLAP_LEAST),
        ]
        return judged(
            Kind.IO,
            "Waiting",
            "Calls wait for something outside the CPU, and waits overlap.",
            signals,
            would_settle=settle,
        )
    overlapped = CONVOY * min(2.0, 1 / activity)  # 2 threads reach min(2, s / s_cpu), less what the lock's convoy costs
    signals = [
        *signal("share of an item's time that it computes", activity, COMPUTING_LEAST, most=True, unit="%"),
        *switches,
        *signal("speed-up of 2 threads", found.thread_speedup, overlapped),
    ]
    return judged(
        Kind.MIXED,
        "A mix of computing and waiting",
        "Each call computes for a part of its time and waits for the rest.",
        signals,
        would_settle=settle,
    )


@CAUSES(5)
def serial_wait(seen: Seen) -> Cause | None:
    """Calls wait for one another: a lock here, or a limit on the far side."""
    found = seen.observables
    workers, speedup = (4, found.thread_speedup_4) if found.thread_speedup_4 is not None else (2, found.thread_speedup)
    is_costlier = found.thread_cpu_ratio is not None and found.thread_cpu_ratio >= COST_FLAT
    if not seen.is_waiting or speedup is None or speedup >= EFFICIENCY_SERIAL * workers or is_costlier:
        return None
    signals: list[Signal] = [
        *signal("share of an item's time that it computes", seen.activity, WAITING_MOST, most=True, unit="%"),
        *signal(f"speed-up of {workers} threads", speedup, EFFICIENCY_SERIAL * workers, most=True),
    ]
    where = "whether that is a lock here or a limit on the far side is not known"
    if found.switches_1 and found.switches_4 is not None:
        rise = found.switches_4 / found.switches_1
        signals += signal("voluntary switches per item over those of 1 worker", rise, SWITCHES_RISE)
        where = (
            "a lock in this process, by the switches per item"
            if rise >= SWITCHES_RISE
            else "on the far side, as the switches per item stay the same"
        )
    return judged(
        Kind.IO_SERIAL,
        "A lock or limit that calls queue for",
        f"Calls wait, and wait for one another too: {where}.",
        signals,
        would_settle=("Measure with twice the workers; read the far side's limit, or time the lock.",),
    )
