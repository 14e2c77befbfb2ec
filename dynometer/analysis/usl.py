"""The universal scalability law (USL): contention makes the curve flatten, coherence makes it turn.

X(N) = gamma N / (1 + sigma (N - 1) + kappa N (N - 1)).  Source: N. J. Gunther, arXiv:0808.1431 (2008).
kappa = 0 is Amdahl's law with f = sigma.  Time is in the inverse unit of the throughput (items/s and s per item).
"""

import math
from dataclasses import dataclass

from dynometer.analysis.ranges import at_least
from dynometer.errors import InvalidInput


@dataclass(frozen=True)
class Law:
    """The coefficients.  Refuses gamma <= 0 and what is negative: the inverses below need a curve without surprises."""

    gamma: float  # throughput of one worker
    sigma: float  # contention: the serial share; no unit
    kappa: float = 0.0  # coherence: the price of each pair of workers; no unit

    def __post_init__(self) -> None:
        at_least("gamma", self.gamma, 0, is_open=True)
        at_least("sigma", self.sigma, 0)
        at_least("kappa", self.kappa, 0)


def throughput(workers: float, law: Law) -> float:
    """X(N) of `workers` > 0, in the unit of gamma.  Refuses an N so far below 1 that sigma leaves no time at all."""
    at_least("workers", workers, 0, is_open=True)
    slowness = 1 + law.sigma * (workers - 1) + law.kappa * workers * (workers - 1)
    at_least("time of an item", slowness, 0, is_open=True)
    return law.gamma * workers / slowness


def speedup(workers: float, law: Law) -> float:
    """S(N) = X(N) / gamma; no unit."""
    return throughput(workers, law) / law.gamma


def efficiency(workers: float, law: Law) -> float:
    """S(N) / N; no unit."""
    return speedup(workers, law) / workers


def latency(workers: float, law: Law) -> float:
    """R(N) = N / X(N) (Little's law, closed system): a polynomial of second degree in N."""
    return workers / throughput(workers, law)


@dataclass(frozen=True)
class Peak:
    """Where throughput is greatest, and the whole numbers of workers around it."""

    workers: float  # N* = sqrt((1 - sigma) / kappa)
    throughput: float
    floor: tuple[int, float]  # workers (at least 1), throughput
    ceil: tuple[int, float]

    @property
    def best(self) -> tuple[int, float]:
        """The better of both: rounding N* is not always it."""
        return max(self.floor, self.ceil, key=lambda whole: whole[1])


def peak(law: Law) -> Peak | None:
    """The turning point; None when there is none: kappa = 0 only flattens, sigma >= 1 falls from the first worker."""
    if law.kappa == 0 or law.sigma >= 1:
        return None
    workers = math.sqrt((1 - law.sigma) / law.kappa)
    if not math.isfinite(workers):
        return None
    floor, ceil = max(1, math.floor(workers)), max(1, math.ceil(workers))
    return Peak(workers, throughput(workers, law), (floor, throughput(floor, law)), (ceil, throughput(ceil, law)))


def asymptote(law: Law) -> float:
    """gamma / sigma: what contention alone would allow.  Reached for kappa = 0 only; infinite when sigma = 0."""
    return law.gamma / law.sigma if law.sigma else math.inf


def knee(law: Law) -> float | None:
    """N = 1 / sigma, where the asymptote would be met by linear growth; None unless it lies below the peak.

    With sigma = kappa = 0.02 it would be 50, while throughput falls from 7 workers on.
    """
    top = peak(law)
    if law.sigma == 0 or law.sigma >= 1 or (top and 1 / law.sigma >= top.workers):
        return None
    return 1 / law.sigma


def most(law: Law) -> float:
    """The greatest throughput that one or more workers can reach or, without a peak, approach."""
    if top := peak(law):
        return max(top.throughput, law.gamma) if top.workers >= 1 else law.gamma
    return law.gamma if law.sigma >= 1 else asymptote(law)


def workers_at_throughput(throughput: float, law: Law) -> float:
    """The N on the rising branch that reaches `throughput`: the smaller root of
    X kappa N^2 + (X (sigma - kappa) - gamma) N + X (1 - sigma) = 0.

    Refuses a throughput above the peak (or at and above the asymptote), and laws that fall from the first worker.
    """
    slope, root = _discriminant(throughput, law)
    return 2 * throughput * (1 - law.sigma) / (slope + root)


def workers_past_peak_at_throughput(throughput: float, law: Law) -> float | None:
    """The N on the falling branch with the same throughput: the greater root; None for kappa = 0, which never falls."""
    slope, root = _discriminant(throughput, law)
    return (slope + root) / (2 * throughput * law.kappa) if law.kappa else None


def _discriminant(throughput: float, law: Law) -> tuple[float, float]:
    at_least("throughput", throughput, 0, is_open=True)
    if law.sigma >= 1:
        raise InvalidInput("This law falls from the first worker: no number of workers raises throughput.")
    top = peak(law)
    reachable = top.throughput if top else asymptote(law)
    if throughput > reachable or (not top and throughput == reachable):
        raise InvalidInput(f"This law never exceeds {reachable:.6g}: {throughput:.6g} can't be reached.",
                           hint="Lower sigma and kappa (share less), or add a second system beside this one.")
    slope = law.gamma - throughput * (law.sigma - law.kappa)
    return slope, math.sqrt(max(0.0, slope**2 - 4 * throughput**2 * law.kappa * (1 - law.sigma)))


def workers_at_latency(latency: float, law: Law) -> float:
    """The N at which R(N) = `latency`: the positive root of kappa N^2 + (sigma - kappa) N + 1 - sigma - gamma R = 0.

    kappa = 0 gives (gamma R - 1 + sigma) / sigma; infinite when latency does not grow at all (sigma = kappa = 0).
    Refuses a latency below that of one worker.
    """
    at_least("latency", latency, 1 / law.gamma)
    if law.sigma == law.kappa == 0:
        return math.inf
    rise = max(0.0, law.gamma * latency - 1) + law.sigma
    linear = law.sigma - law.kappa
    root = math.sqrt(linear**2 + 4 * law.kappa * rise)
    return 2 * rise / (linear + root) if linear > 0 else (root - linear) / (2 * law.kappa)  # no difference of equals


def latency_at_throughput(throughput: float, law: Law) -> float:
    """R where the rising branch reaches `throughput`: N / X."""
    return workers_at_throughput(throughput, law) / throughput


@dataclass(frozen=True)
class TimeShares:
    """Where the time of the run at N goes, as fractions of the run of one worker; they add up to gamma / X(N)."""

    ideal: float  # 1 / N
    contention: float  # sigma (N - 1) / N
    coherence: float  # kappa (N - 1)

    @property
    def total(self) -> float:
        return self.ideal + self.contention + self.coherence


def time_shares(workers: float, law: Law) -> TimeShares:
    """The shares at `workers` >= 1."""
    at_least("workers", workers, 1)
    return TimeShares(1 / workers, law.sigma * (workers - 1) / workers, law.kappa * (workers - 1))
