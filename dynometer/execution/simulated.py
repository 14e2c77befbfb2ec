"""Obeys a law: the time is dictated by it, not by a clock."""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import ClassVar

from dynometer.errors import InvalidInput
from dynometer.execution.in_caller import InCaller
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack
from dynometer.workloads.workload import Json


@dataclass(frozen=True)
class Law:
    """Throughput [items/s] of N workers: gamma N' / (1 + sigma (N'-1) + kappa N' (N'-1)), N' = min(N, cores).

    All of USL (N. J. Gunther, arXiv:0808.1431), Amdahl (kappa 0) and the roofline (sigma and kappa 0).
    """

    gamma: float = 100.0  # items/s of one worker
    sigma: float = 0.05  # contention
    kappa: float = 0.002  # coherence
    cores: float = float("inf")  # beyond, workers add nothing
    noise: float = 0.0  # standard deviation of ln X

    def throughput_per_s(self, workers: int) -> float:
        n = min(workers, self.cores)
        return self.gamma * n / (1 + self.sigma * (n - 1) + self.kappa * n * (n - 1))


class Simulated:
    """Wins nowhere: it shows a known curve, in tests and demos, at once.  Costs one real call an item, so that its
    values are the true ones; its crew's `dictated_s` stands for the clock.

    `find("simulated:gamma=100:sigma=0.05:kappa=0.002:cores=8:noise=0.03")` gives the law by its name.
    """

    key: ClassVar[str] = "simulated"
    title: ClassVar[str] = "Simulated"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def __init__(self, law: Law = Law()) -> None:
        self.law = law

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        yield SimulatedCrew(work, workers, self.law)


class SimulatedCrew(InCaller):
    """`dictated_s`: how long the last run would have taken [s]."""

    def __init__(self, work: Work, workers: int, law: Law) -> None:
        super().__init__(work)
        self._workers = workers
        self._law = law
        self._draw = random.Random()  # of the system's entropy: every window differs, as measured ones do
        self.dictated_s = 0.0

    def run(self, items: Sequence[Json], chunk: int) -> list[Json]:
        values = super().run(items, chunk)
        noise = self._draw.lognormvariate(0.0, self._law.noise) if self._law.noise else 1.0
        self.dictated_s = len(items) / (self._law.throughput_per_s(self._workers) * noise)
        return values


def law_named(text: str) -> Law:
    """The law that "gamma=100:sigma=0.05" spells; what is not given keeps its default.  Raises InvalidInput."""
    known = {field.name for field in fields(Law)}
    law = Law()
    for part in text.split(":"):
        name, _, number = part.partition("=")
        sentence = f"must be name=number with {', '.join(sorted(known))}, such as sigma=0.05"
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        is_number = value >= 0 and (math.isfinite(value) or name == "cores")  # NaN is at no place
        if name not in known or not is_number or (name in ("gamma", "cores") and not value):
            raise InvalidInput(f"A simulated law {sentence}; {part!a} is not.", fields={"model": sentence})
        law = replace(law, **{name: value})
    return law
