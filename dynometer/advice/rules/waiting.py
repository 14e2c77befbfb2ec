"""Rows 3 to 6: calls that wait."""

import math

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores, expect
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity, predicted
from dynometer.advice.messages import call_s, waits_per_compute
from dynometer.advice.options import PROCESSES, THREADS, first_usable, is_usable, of_model
from dynometer.advice.thresholds import (
    CONCURRENCY_EVENT_LOOP,
    CONVOY,
    HIT,
    IDLE_CPU,
    IN_FLIGHT_MOST,
    ONE_CORE_FULL,
)
from dynometer.estimate import Estimate
from dynometer.wording import gain, hundredths


def in_flight(facts: Facts) -> int | None:
    """Calls worth having in flight: as many as keep one core busy, capped by the job and the far side's limit."""
    ratio = waits_per_compute(facts.observables)
    if ratio is None:
        return None
    most = min(IN_FLIGHT_MOST, facts.item_count, facts.concurrency_limit or IN_FLIGHT_MOST)
    return max(1, min(math.ceil(min(ratio, IN_FLIGHT_MOST) - 1e-9), most))


def by_overlap(workers: int, ratio: float) -> Estimate:
    """min(n, s / s_cpu): 20 % less beyond the knee, 1.7 times more where idle gaps made the CPU time look large."""
    return Estimate(min(workers, ratio), CONVOY * min(workers, ratio), min(workers, IDLE_CPU * ratio))


@RULES(3)
def event_loop(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Many waiting calls, and a client that can be awaited: one thread holds them all."""
    count, ratio = in_flight(facts), waits_per_compute(facts.observables)
    model = "event-loop"
    curve = facts.curve(model)
    if diagnosis.kind is not Kind.IO or count is None or ratio is None or count <= CONCURRENCY_EVENT_LOOP:
        return None
    if not is_usable(facts, model) or not (curve or model in facts.available_models):
        return None
    variant = curve.variant if curve else None
    expected = expect(facts, model, variant, count, min(count, ratio))
    band = expected.gain if expected.source is GainSource.MEASURED else by_overlap(count, ratio)
    return Finding(
        Severity.ADVICE,
        f"A call waits {hundredths(ratio)} times as long as it computes, and {count} may be in flight.",
        f"Use asyncio with a semaphore of {expected.workers}.",
        "A blocking client, or fewer than 50 calls in flight: then threads.",
        gain=band,
        gain_source=expected.source,
        model=model,
        variant=variant,
        workers=expected.workers,
    )


@RULES(4)
def waiting_threads(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Waiting calls of a blocking client overlap in threads; n = s / s_cpu of them keep one core busy."""
    count, ratio = in_flight(facts), waits_per_compute(facts.observables)
    model = first_usable(facts, THREADS, facts.base_variant)
    is_light = diagnosis.kind is Kind.MIXED and _core_share(facts) <= ONE_CORE_FULL
    if not (diagnosis.kind is Kind.IO or is_light) or count is None or ratio is None or model is None or count < 2:
        return None
    memory = memory_cap(facts, model)
    count = min(count, memory or count)
    expected = expect(facts, model, facts.base_variant, count, min(count, ratio))
    band = expected.gain if expected.source is GainSource.MEASURED else by_overlap(count, ratio)
    return Finding(
        Severity.ADVICE,
        f"A call takes {hundredths(ratio)} times the CPU time it needs: {count} in flight overlap their"
        f" waits{', as many as memory holds' if memory == count else ''}.",
        f"Use {expected.workers} threads.",
        "A client that can be awaited and more than 50 calls in flight: then asyncio."
        " A limit on the far side below this number.",
        gain=band,
        gain_source=expected.source,
        model=model,
        variant=facts.base_variant,
        workers=expected.workers,
    )


@RULES(5)
def serial_limit(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Calls queue for a lock or a limit: more workers than 1 / (share held) only wait longer."""
    if diagnosis.kind is not Kind.IO_SERIAL:
        return None
    found = facts.observables
    reached = [one for one in (found.thread_speedup, found.thread_speedup_4) if one]
    reached += [one.gain.value for one in of_model(facts, *THREADS, variant=facts.base_variant) if one.gain]
    cap = 1 / found.held_share if found.held_share else max(reached, default=1.0)
    workers = max(1, math.ceil(cap - 1e-9))
    return Finding(
        Severity.ADVICE,
        f"Threads reach {hundredths(max(reached, default=cap))}x and stay there: the lock or limit is held for"
        f" about {100 / max(cap, 1e-9):.0f} % of a call.",
        f"Shorten or split the lock, or raise the far side's limit, first; until then use at most {workers} workers.",
        "A speed-up that still rises with more workers: then the share held is smaller.",
        gain=predicted(cap, float(max(workers, cap)), HIT),
        gain_source=GainSource.PREDICTED,
        workers=workers,
        expects=f"at most {hundredths(cap)}x until the lock or limit is mended",
    )


@RULES(6)
def processes_of_threads(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Calls compute and wait, and one core would be full: processes for the computing, threads for the waiting."""
    ratio, model = waits_per_compute(facts.observables), first_usable(facts, PROCESSES, facts.base_variant)
    if diagnosis.kind is not Kind.MIXED or ratio is None or model is None or _core_share(facts) <= ONE_CORE_FULL:
        return None
    processes, threads = cores(facts), max(1, math.ceil(ratio - 1e-9))
    if processes < 2:
        return None
    band = predicted(processes * min(threads, ratio), float(processes * threads), HIT)
    return Finding(
        Severity.ADVICE,
        f"A call computes for {100 / ratio:.0f} % of its time, and one core would be"
        f" {min(_core_share(facts), 9.99) * 100:.0f} % busy.",
        f"Use {processes} processes with {threads} threads each.",
        "A wanted rate that one core bears: then threads alone.",
        gain=band,
        gain_source=GainSource.PREDICTED,
        model=model,
        variant=facts.base_variant,
        workers=processes,
        threads=threads,
        expects=f"predicted: {gain(band)} over sequential, with {processes * threads} calls in flight",
    )


def _core_share(facts: Facts) -> float:
    """s_cpu x wanted rate; 1 where no rate is given, as then the job goes as fast as it can."""
    seconds, ratio = call_s(facts), waits_per_compute(facts.observables)
    if facts.wanted_rate_per_s is None or seconds is None or ratio is None:
        return 1.0
    return facts.wanted_rate_per_s * seconds / ratio


def memory_cap(facts: Facts, model: str) -> int | None:
    """Workers that fit into memory by what each further one took; None where it was not seen to grow."""
    curve = facts.curve(model, facts.base_variant)
    known = [point for point in curve.points if point.memory_pss_bytes] if curve else []
    if facts.memory_bytes is None or len(known) < 2:
        return None
    first, last = known[0], known[-1]
    grown = (last.memory_pss_bytes or 0) - (first.memory_pss_bytes or 0)
    if grown <= 0 or last.workers <= first.workers:
        return None
    free = facts.memory_bytes - (first.memory_pss_bytes or 0)
    return max(1, first.workers + int(free * (last.workers - first.workers) / grown))
