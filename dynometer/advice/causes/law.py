"""R9: what the fitted law says where no window of one or two workers explained the loss."""

from dynometer.advice.cause import CAUSES, Cause, Kind, Seen, judged, signal
from dynometer.advice.facts import Curve
from dynometer.advice.thresholds import COST_FLAT, SIGMA_LEAST
from dynometer.analysis.karp_flatt import serial_fraction


@CAUSES(9)
def fitted_loss(seen: Seen) -> Cause | None:
    """Coherence, queueing or a serial part of unknown cause, by the coefficients of the law."""
    law = seen.curve.law if seen.curve else None
    if law is None or law.coefficients is None or seen.curve is None:
        return None
    sigma, kappa = law.coefficients.sigma, law.coefficients.kappa
    if kappa is not None and kappa.low > 0:
        return _turning(seen, kappa.low)
    if sigma is None or sigma.value <= SIGMA_LEAST:
        return None
    signals = [
        *signal("contention of the law, lower end", sigma.low, SIGMA_LEAST, unit=""),
        *signal(
            "serial share at the most workers (Karp-Flatt)", karp_flatt(seen.curve, seen.cpus), SIGMA_LEAST, unit=""
        ),
    ]
    return judged(
        Kind.SERIAL_PART,
        "A serial part",
        f"About {sigma.value * 100:.0f} % of the work is serial, and its cause is unknown.",
        signals,
        would_settle=("Profile what runs while only one worker is busy.",),
    )


def _turning(seen: Seen, least: float) -> Cause:
    found = seen.observables
    cost = max((one for one in (found.process_cpu_ratio, found.thread_cpu_ratio) if one is not None), default=None)
    turned = signal("coherence of the law, lower end", least, 0.0, unit="")
    settle = ("Measure the CPU per item with 1 and more workers.",)
    if cost is None or cost >= COST_FLAT:
        return judged(
            Kind.COHERENCE,
            "Work that grows with every pair of workers",
            "Each worker makes the others' work costlier: they keep shared data alike.",
            turned + signal("CPU per item with 2 workers over 1", cost, COST_FLAT),
            would_settle=settle,
        )
    return judged(
        Kind.QUEUEING,
        "A queue at something shared",
        "Workers queue for something they share: the curve turns while an item costs the same CPU.",
        turned + signal("CPU per item with 2 workers over 1", cost, COST_FLAT, most=True),
        would_settle=settle,
    )


def karp_flatt(curve: Curve, cpus: float) -> float | None:
    """The serial fraction at the most workers that have a CPU each."""
    fitting = [
        point for point in curve.points if 1 < point.workers <= cpus and point.speedup and point.grade != "invalid"
    ]
    if not fitting or fitting[-1].speedup is None:
        return None
    workers, speedup = fitting[-1].workers, fitting[-1].speedup.value
    return serial_fraction(speedup, workers)
