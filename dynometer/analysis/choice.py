"""Which law describes a curve: roofline, Amdahl or USL (science A.3)."""

from dataclasses import dataclass

from dynometer.estimate import Estimate


@dataclass(frozen=True)
class Coefficients:
    """A law through a curve.  X(N) = gamma N / (1 + sigma (N-1) + kappa N (N-1)) [items/s]; roofline gamma min(N, C)."""

    gamma: Estimate  # throughput of one worker
    sigma: Estimate | None  # contention; None for the roofline
    kappa: Estimate | None  # coherence; None for the roofline and Amdahl
    cores: float | None = None  # C, for the roofline


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
