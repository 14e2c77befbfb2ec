"""The Karp-Flatt metric: the serial fraction that a measured speed-up implies, and what its trend says.

e = (1/S - 1/p) / (1 - 1/p).  Source: A. H. Karp, H. P. Flatt, Communications of the ACM 33 (1990).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dynometer.analysis.ranges import at_least
from dynometer.errors import InvalidInput

NEGLIGIBLE = 0.005  # an e below this is within what repeated runs differ by
LEAST_COUNTS = 3  # above one worker: a trend needs them
TREND = 0.1  # a change of e over the range, as a share of its mean, that counts as a trend


def serial_fraction(speedup: float, workers: float) -> float:
    """e of `speedup` > 0 by `workers` > 1; no unit.  0: linear.  Below 0: superlinear.  1: no gain at all."""
    at_least("workers", workers, 1, is_open=True)
    at_least("speedup", speedup, 0, is_open=True)
    return (1 / speedup - 1 / workers) / (1 - 1 / workers)


def speedup(serial_fraction: float, workers: float) -> float:
    """The inverse: the speed-up that `workers` > 0 reach with this e.  Refuses an e that would make time negative."""
    at_least("workers", workers, 0, is_open=True)
    slowness = serial_fraction + (1 - serial_fraction) / workers
    if not slowness > 0:
        raise InvalidInput(f"A serial fraction of {serial_fraction:.6g} would make {workers:.6g} workers take no time.")
    return 1 / slowness


@dataclass(frozen=True)
class Reading:
    """What e does as workers are added.  `pattern`: linear, constant, rising, falling or superlinear."""

    pattern: str
    fractions: Mapping[float, float]  # workers -> e
    sentence: str


SENTENCES = {
    "linear": "Speed-up is nearly linear: no serial part to speak of.",
    "constant": "e stays the same: a serial part limits the speed-up.",
    "rising": "e rises with the workers: overhead of working in parallel, not a serial part, limits the speed-up.",
    "falling": "e falls as workers are added: suspect a slow one-worker baseline (cold caches, swapped memory).",
    "superlinear": "e is negative: superlinear speed-up. Suspect the baseline, caches or the clock before rejoicing.",
}


def reading(speedups: Mapping[float, float]) -> Reading:
    """Judge `speedups` (workers -> speed-up over one worker) by the straight line through their e.

    Refuses fewer than three counts above one worker: a trend needs them.
    """
    fractions = {n: serial_fraction(s, n) for n, s in sorted(speedups.items()) if n > 1}
    if len(fractions) < LEAST_COUNTS:
        raise InvalidInput("The trend of the Karp-Flatt metric needs three worker counts above one.",
                           hint="Measure more worker counts.")
    pattern = _pattern(fractions)
    return Reading(pattern, fractions, SENTENCES[pattern])


def beside(read: Reading, law: str) -> str:
    """The reading's sentence where the chosen `law` agrees; else as a hint, since the law has more to rest on."""
    if law == "amdahl" and read.pattern == "rising":
        return ("e rises somewhat with the workers: a hint at overhead of working in parallel beside the serial part; "
                "the points do not bear more than Amdahl's law.")
    if law == "usl" and read.pattern == "constant":
        return "e stays much the same: the serial part weighs more than the overhead that the law sees besides."
    return read.sentence


def _pattern(fractions: Mapping[float, float]) -> str:
    mean_n, mean_e = (sum(values) / len(fractions) for values in (fractions.keys(), fractions.values()))
    slope = (sum((n - mean_n) * (e - mean_e) for n, e in fractions.items())
             / sum((n - mean_n) ** 2 for n in fractions))
    change = slope * (max(fractions) - min(fractions))
    if mean_e < -NEGLIGIBLE:
        return "superlinear"
    if max(map(abs, fractions.values())) < NEGLIGIBLE:
        return "linear"
    if abs(change) <= max(TREND * abs(mean_e), NEGLIGIBLE):
        return "constant"
    return "rising" if change > 0 else "falling"
