"""Which law describes a curve: roofline, Amdahl or USL (science A.3)."""

from dataclasses import dataclass

from dynometer.analysis.fit import Fit
from dynometer.analysis.replicates import Curve
from dynometer.estimate import Estimate


@dataclass(frozen=True)
class Coefficients:
    """X(N) = gamma N / (1 + sigma (N-1) + kappa N (N-1)) [unit of the curve, items/s]; roofline: gamma min(N, C)."""

    gamma: Estimate  # throughput of one worker
    sigma: Estimate | None  # contention; None for the roofline
    kappa: Estimate | None  # coherence; None for the roofline and Amdahl
    cores: float | None = None  # C, for the roofline; fitted where its break-point is free


@dataclass(frozen=True)
class Choice:
    """The law chosen, why, and what is not known.  `law` is roofline, amdahl, usl or none."""

    law: str
    reason: str  # a sentence
    coefficients: Coefficients | None
    peak_workers: Estimate | None = None  # None: no peak seen; `reason` says up to where
    residual_share: float | None = None  # standard error of the residuals, as a share of X
    lack_of_fit_p: float | None = None  # None without replicates
    warnings: tuple[str, ...] = ()
    fit: Fit | None = None  # of the law, for forecasts; None when there is none
    oversubscribed: tuple[float, ...] = ()  # N beyond the cores: not fitted by Amdahl and USL, judged by the roofline
    cores: float | None = None  # that limit the workers; None: not known, or the work waits and they don't
    superlinear: str = ""  # a sentence (also among `warnings`), when the points want negative coefficients


def choose(curve: Curve, cores: float | None = None) -> Choice:
    """The simplest law that describes `curve` (N -> throughput of each replicate), of roofline, Amdahl and USL.

    `cores` are those that the workers could use (the smallest of affinity, quota and online); None: unknown, and the
    roofline is tried with a free break-point.  Points beyond them are not fitted by Amdahl and USL.  With fewer than
    three N inside that range the law is none, unless the roofline holds.  Refuses N or X not finite and above 0.
    """
    from dynometer.analysis.choosing import decide  # SciPy starts with it

    return decide(curve, cores)
