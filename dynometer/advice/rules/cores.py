"""Rows 10 to 13: computing that can use the cores, and what stops it."""

import math

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores, expect
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity
from dynometer.advice.options import (
    ONE,
    THREADS,
    Option,
    curve_of_law,
    first_usable,
    is_clearly_above,
    leading,
    measured,
    of_model,
)
from dynometer.advice.rules.processes import diagnosis_numbers
from dynometer.advice.thresholds import GAIN_LEAST, HIT, OVERSUBSCRIBED_GAIN, PEAK_SHARE, RISING_SHARE
from dynometer.analysis.choice import Coefficients
from dynometer.estimate import Estimate
from dynometer.wording import counted, gain, hundredths, times


@RULES(10)
def computing_threads(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The code releases the lock: threads fill the cores, and share memory without any message."""
    model = first_usable(facts, THREADS, facts.base_variant)
    is_held = diagnosis.names(Kind.MEMORY_BANDWIDTH, Kind.SHARED_CORE, Kind.OVERSUBSCRIBED_LIBRARY)
    if not diagnosis.names(Kind.GIL_RELEASED) or is_held or facts.is_free_threaded or model is None or cores(facts) < 2:
        return None
    expected = expect(facts, model, facts.base_variant, cores(facts), cores(facts))
    return Finding(
        Severity.ADVICE,
        f"{diagnosis_numbers(diagnosis, Kind.GIL_RELEASED)}.",
        f"Use {expected.workers} threads, with 1 library thread each.",
        "More work in the interpreter between the calls that release its lock; memory bandwidth at more workers.",
        gain=expected.gain,
        gain_source=expected.source,
        model=model,
        variant=facts.base_variant,
        workers=expected.workers,
    )


@RULES(11)
def memory_bound(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The cores wait for one memory: more of them add nothing on this node."""
    if not diagnosis.names(Kind.MEMORY_BANDWIDTH):
        return None
    stop = _where_it_stops_rising(facts)
    reached = stop.gain if stop and stop.gain else ONE
    return Finding(
        Severity.WARNING,
        f"{diagnosis_numbers(diagnosis, Kind.MEMORY_BANDWIDTH)}.",
        f"Use no more than {counted(stop.workers if stop else 1, 'worker')} on one node; use smaller types, or blocks"
        " that fit the cache. Other nodes bring memory of their own.",
        "Data that fit the cache.",
        gain=reached,
        gain_source=GainSource.MEASURED if stop and stop.gain else GainSource.PREDICTED,
        model=stop.model if stop else "sequential",
        variant=stop.variant if stop else facts.base_variant,
        workers=stop.workers if stop else 1,
        expects=f"{times(reached.value)} on this node; more by other nodes only",
    )


def _where_it_stops_rising(facts: Facts) -> Option | None:
    """The fewest workers after which a further one adds less than a quarter of its share."""
    options = [
        one for one in measured(facts) if one.variant == facts.base_variant and one.gain and one.model != "cluster"
    ]
    chosen = leading(one for one in options if one.workers == 1)
    for one in sorted(options, key=lambda option: option.simplicity):
        if chosen is None or chosen.gain is None or one.gain is None or not is_clearly_above(one, chosen):
            continue
        if one.gain.value >= chosen.gain.value * (1 + RISING_SHARE * (one.workers / chosen.workers - 1)):
            chosen = one
    return chosen


@RULES(12)
def too_many_threads(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Workers times library threads exceed the cores, or computing workers do so to their harm."""
    count = cores(facts)
    if diagnosis.names(Kind.OVERSUBSCRIBED_LIBRARY):
        value, low, high = OVERSUBSCRIBED_GAIN
        return Finding(
            Severity.ADVICE,
            f"{diagnosis_numbers(diagnosis, Kind.OVERSUBSCRIBED_LIBRARY)}.",
            f"Let workers x library threads be {count}: 1 library thread per worker, or 1 worker.",
            "Library threads that wait more than they compute.",
            gain=Estimate(value, low, high),
            gain_source=GainSource.PREDICTED,
            gain_over="the oversubscribed run",
            expects=f"+{(low - 1) * 100:.0f} to +{(high - 1) * 100:.0f} %, back to one thread per core: measured"
            " with 2 library threads x 4 workers on 2 cores",
        )
    if diagnosis.names(Kind.IO, Kind.IO_SERIAL, Kind.MIXED):
        return None
    for curve in facts.curves:
        options = of_model(facts, curve.model, variant=curve.variant)
        best = leading(options)
        worse = [one for one in options if best and best.workers <= count < one.workers and is_clearly_above(best, one)]
        if best and best.workers > 1 and worse and best.gain and worse[-1].gain:
            return Finding(
                Severity.WARNING,
                f"{curve.model} with {worse[-1].workers} reaches {gain(worse[-1].gain)}, with {best.workers}"
                f" {gain(best.gain)}; {counted(facts.cpus_usable, 'CPU')} can be used.",
                f"Use {best.workers} workers.",
                "More usable CPUs, or calls that wait.",
                gain=best.gain,
                gain_source=GainSource.MEASURED,
                model=best.model,
                variant=best.variant,
                workers=best.workers,
            )
    return None


@RULES(13)
def past_the_peak(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The curve turns: near its peak and beyond it, further workers take more than they bring."""
    curve = curve_of_law(facts)
    law = curve.law if curve else None
    if curve is None or law is None or law.coefficients is None or law.peak_workers is None:
        return None
    kappa, peak = law.coefficients.kappa, law.peak_workers
    workers = facts.workers_in_use or max(point.workers for point in curve.points)
    if kappa is None or kappa.low <= 0 or workers <= PEAK_SHARE * peak.value:
        return None
    best = max((max(1, math.floor(peak.value)), math.ceil(peak.value)), key=lambda n: modelled(law.coefficients, n))
    target = min(best, workers)
    value = modelled(law.coefficients, best) / max(modelled(law.coefficients, workers), 1e-300)
    band = _peak_band(value, law.residual_share)
    knee = _knee(law.coefficients, peak.value)
    return Finding(
        Severity.WARNING,
        f"{curve.model} runs {workers} workers; throughput peaks near {best} ({_range(peak)}), as coherence"
        f" is {kappa.value:.3g} ({kappa.low:.3g} to {kappa.high:.3g}).",
        f"Reduce to {target} workers{knee}; to go beyond, split the state that they share.",
        "A peak whose interval reaches beyond the workers in use.",
        gain=band,
        gain_source=GainSource.PREDICTED,
        gain_over=f"{workers} workers",
        model=curve.model,
        variant=curve.variant,
        workers=target,
    )


def modelled(law: Coefficients | None, workers: float) -> float:
    """X(N) = gamma N / (1 + sigma (N-1) + kappa N (N-1)).  Source: N. J. Gunther, arXiv:0808.1431."""
    if law is None or law.sigma is None or law.kappa is None:
        return 0.0
    lost = law.sigma.value * (workers - 1) + law.kappa.value * workers * (workers - 1)
    return law.gamma.value * workers / max(1 + lost, 1e-12)


def _peak_band(value: float, residual_share: float | None) -> Estimate:
    """Two standard errors of a ratio of two throughputs; the band of predictions where none is known."""
    spread = math.exp(min(2 * math.sqrt(2) * residual_share, 5.0)) if residual_share and residual_share > 0 else HIT
    return Estimate(value, value / spread, value * spread)


def _knee(law: Coefficients, peak: float) -> str:
    """Where contention alone would halve the efficiency, 1 / sigma, when that lies before the peak."""
    if law.sigma is None or not law.sigma.value > 0 or not GAIN_LEAST < 1 / law.sigma.value < peak:
        return ""
    knee = math.ceil(1 / law.sigma.value)
    return f" ({knee} bring {modelled(law, knee) / max(modelled(law, peak), 1e-300) * 100:.0f} % of the peak)"


def _range(peak: Estimate) -> str:
    return f"{hundredths(peak.low)} to {hundredths(peak.high)}"
