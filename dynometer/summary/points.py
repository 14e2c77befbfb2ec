"""One point, summed up over its windows."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from dynometer.advice.facts import CurvePoint
from dynometer.analysis.ratio import paired
from dynometer.estimate import Estimate
from dynometer.measure import grades
from dynometer.measure.trial import Point, Trial


@dataclass(frozen=True)
class PointSummary:
    """What a point's windows say together.  Estimates are None when no window was accepted."""

    point: Point
    throughput_per_s: Estimate | None
    speedup: Estimate | None  # over the sequential baseline, paired within blocks
    grade: str  # A, B, C or invalid
    accepted: int  # windows
    rejected: int
    doubts: tuple[str, ...]  # sentences about accepted windows, each once
    rejections: tuple[str, ...]  # why windows were rejected, each once
    items: int  # in the accepted windows
    chunk: int
    cpu_s_per_item: float | None  # median
    startup_s: float | None  # median
    memory_pss_bytes: int | None  # the largest seen

    @property
    def efficiency(self) -> float | None:
        """Speed-up per worker."""
        return self.speedup.value / self.point.workers if self.speedup else None

    def on_curve(self) -> CurvePoint | None:
        """The point as diagnosis and advice see it; None when nothing was accepted."""
        if self.throughput_per_s is None:
            return None
        return CurvePoint(self.point.workers, self.throughput_per_s, self.speedup, self.grade, self.startup_s or 0.0,
                          self.memory_pss_bytes)


def sum_up(point: Point, trials: Sequence[Trial], baseline: Mapping[int, float], *,
           is_baseline: bool = False) -> PointSummary:
    """The summary of `point` from its own `trials`; `baseline`: block -> throughput of the baseline there [items/s].

    Of the baseline itself the speed-up is 1, without doubt.
    """
    good = [trial for trial in trials if trial.is_accepted]
    bad = [trial for trial in trials if not trial.is_accepted]
    gain = Estimate(1.0, 1.0, 1.0) if is_baseline and good else speedup(good, baseline)
    memory = [trial.memory_pss_bytes for trial in good if trial.memory_pss_bytes is not None]
    return PointSummary(
        point=point, throughput_per_s=grades.throughput(good), speedup=gain,
        grade=str(grades.grade(trials)), accepted=len(good), rejected=len(bad),
        doubts=_each_once(sentence for trial in good for sentence in trial.doubts),
        rejections=_each_once(sentence for trial in bad for sentence in trial.rejected),
        items=sum(trial.items for trial in good), chunk=good[-1].chunk if good else 0,
        cpu_s_per_item=median(trial.cpu_s / trial.items for trial in good) if good else None,
        startup_s=median(trial.startup_s for trial in good) if good else None,
        memory_pss_bytes=max(memory, default=None),
    )


def throughput_by_block(trials: Iterable[Trial]) -> dict[int, float]:
    """Block -> geometric mean of the accepted throughputs there [items/s]."""
    logs: dict[int, list[float]] = {}
    for trial in trials:
        if trial.is_accepted:
            logs.setdefault(trial.block, []).append(math.log(trial.throughput_per_s))
    return {block: math.exp(math.fsum(values) / len(values)) for block, values in logs.items()}


def speedup(trials: Iterable[Trial], baseline: Mapping[int, float]) -> Estimate | None:
    """The mean ratio to the baseline of the same block; None without a common block.

    Pairs within a block share the machine's mood, which cancels (science C.2.4: a 10 % drift costs 5.4 % otherwise).
    """
    own = throughput_by_block(trials)
    return paired(own, baseline) if own.keys() & baseline.keys() else None


def _each_once(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))
