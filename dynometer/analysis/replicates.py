"""A curve and its noise: the mean of the logs at each N, and the variance pooled over all N.

Throughputs vary by shares, so their logs are averaged.
Source of the pooled variance: any text on one-way analysis of variance.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dynometer.errors import InvalidInput

Curve = Mapping[float, Sequence[float]]  # workers N -> throughput of each replicate, in one unit, e.g. items/s


@dataclass(frozen=True)
class Replicates:
    """A curve, summed up; each tuple has one entry per distinct N, by rising N."""

    workers: tuple[float, ...]
    mean_log: tuple[float, ...]  # mean of ln X
    counts: tuple[int, ...]  # replicates r
    within_ssq: float  # sum of (ln X - its mean)^2 over all rows

    @property
    def rows(self) -> int:
        return sum(self.counts)

    @property
    def degrees(self) -> int:
        """Of freedom of the pooled variance: sum of (r - 1)."""
        return self.rows - len(self.workers)

    @property
    def has_replicates(self) -> bool:
        """Whether there are enough to know the noise without a law: two per N on average."""
        return self.degrees >= len(self.workers)

    @property
    def variance(self) -> float:
        """Of ln X of one replicate, pooled; NaN without any replicate."""
        return self.within_ssq / self.degrees if self.degrees else math.nan


def summarise(curve: Curve) -> Replicates:
    """Check and sum up a curve.  Refuses an empty one, and N or X that are not finite and above 0."""
    if not any(len(values) for values in curve.values()):
        raise InvalidInput("The curve is empty.", hint="Give throughputs for three worker counts or more.")
    rows = {float(n): [_log(n, x) for x in values] for n, values in sorted(curve.items()) if len(values)}
    means = {n: math.fsum(logs) / len(logs) for n, logs in rows.items()}
    within = math.fsum((log - means[n]) ** 2 for n, logs in rows.items() for log in logs)
    return Replicates(tuple(rows), tuple(means.values()), tuple(map(len, rows.values())), within)


def _log(workers: float, throughput: float) -> float:
    if not (math.isfinite(workers) and workers > 0):
        raise InvalidInput(f"A number of workers must be above 0, not {workers}.")
    if not (math.isfinite(throughput) and throughput > 0):
        raise InvalidInput(f"The throughput at N = {workers:g} must be above 0, not {throughput}.",
                           hint="A run that delivered nothing is a failed run: leave it out.")
    return math.log(throughput)

