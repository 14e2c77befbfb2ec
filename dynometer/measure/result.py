"""What a sweep left behind: every raw window with the machine behind it, as versioned JSON."""

from dataclasses import dataclass

from dynometer.measure.machine import Environment
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Probe, Setback, Trial

FORMAT = 1


@dataclass(frozen=True)
class SweepResult:
    """Everything measured, the rejected windows too."""

    plan: Plan
    environment: Environment
    started_at: str  # RFC 3339, UTC
    elapsed_s: float
    state: str  # "finished": every point is precise enough or out of blocks; "budget"; "stopped"
    trials: tuple[Trial, ...]
    setbacks: tuple[Setback, ...]
    probes: tuple[Probe, ...]
    format: int = FORMAT
