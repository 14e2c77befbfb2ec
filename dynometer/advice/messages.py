"""What one item costs, from the observables: its own time, and its way to a worker process and back."""

import math

from dynometer.advice.facts import Facts, Observables
from dynometer.advice.thresholds import CHUNK_S, DISPATCH_ITEM_S, DISPATCH_S

CHUNK_MOST = 100


def chunk_of(call_s: float) -> int:
    """Items per message, so that a message computes for 5 ms; at most 100."""
    return CHUNK_MOST if call_s * CHUNK_MOST <= CHUNK_S else max(1, math.ceil(CHUNK_S / call_s))


def ipc_share(seen: Observables) -> float | None:
    """Pickling and dispatch over the compute time of an item; None where pickling or computing was not measured."""
    compute_s = seen.call_cpu_s or seen.call_s
    if not compute_s or seen.pickle_s is None:
        return None
    dispatch_s = DISPATCH_S / max(1, seen.chunk or chunk_of(compute_s)) + DISPATCH_ITEM_S
    return (seen.pickle_s + dispatch_s) / compute_s


def waits_per_compute(seen: Observables) -> float | None:
    """s / s_cpu: calls in flight that keep one core busy; None where it was not measured."""
    if seen.call_s and seen.call_cpu_s:
        return max(1.0, seen.call_s / seen.call_cpu_s)
    return max(1.0, 1 / seen.activity) if seen.activity else None


def call_s(facts: Facts) -> float | None:
    """Wall seconds of one item, sequential."""
    if facts.observables.call_s:
        return facts.observables.call_s
    sequential = facts.curve("sequential", facts.base_variant)
    return 1 / sequential.best.throughput_per_s.value if sequential and sequential.best else None
