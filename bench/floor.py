"""The floor: what this machine can do in these very seconds, without any engine.

The machine may run at two speeds a factor 1.6 apart, each for up to a minute.  So a time says nothing alone: each
measurement stands between two references, and only the ratio counts.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from time import perf_counter

from bench.spin import spin

WORKERS = 2
STEADY = 0.15  # references further apart than this were taken at two speeds
TRIES = 3  # of a run whose references were


def floor_s(steps: Sequence[int]) -> float:
    """Seconds that two forked children need who each loop over every second item."""
    start = perf_counter()
    children = []
    for worker in range(WORKERS):
        child = os.fork()
        if child == 0:
            for step in steps[worker::WORKERS]:
                spin(step)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return perf_counter() - start


@dataclass(frozen=True)
class Trial:
    """Seconds of a run, and of its reference right before and after it."""

    taken_s: float
    before_s: float
    after_s: float

    @property
    def reference_s(self) -> float:
        return mean((self.before_s, self.after_s))

    @property
    def efficiency(self) -> float:
        """1 when the run is as fast as its reference."""
        return self.reference_s / self.taken_s

    @property
    def slowdown(self) -> float:
        """How many times the reference the run takes."""
        return self.taken_s / self.reference_s

    @property
    def is_steady(self) -> bool:
        """Whether the machine kept one speed, as far as the references tell."""
        return abs(self.after_s - self.before_s) <= STEADY * min(self.before_s, self.after_s)


class References:
    """One reference measured again and again: the one after a run is the one before the next."""

    def __init__(self, measure: Callable[[], float], tries: int) -> None:
        self._measure = measure
        self._tries = tries
        self._newest_s: float | None = None

    def beside(self, run: Callable[[], float], share: float = 1.0) -> Trial:
        """Run between two references; again, up to `tries` times in all, while these differ by too much.

        `share` is how much of the reference's work the run does.
        """
        for _ in range(self._tries):
            before_s = self._newest_s or self._measure()
            taken_s = run()
            self._newest_s = self._measure()
            trial = Trial(taken_s, share * before_s, share * self._newest_s)
            if trial.is_steady:
                break
        return trial
