"""The workload's vectorised variant in the caller's thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.in_caller import InCaller
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack
from dynometer.workloads import resolve


class Vectorised:
    """Wins over any number of workers when the loop can move into NumPy; costs a rewrite, and memory for arrays.

    One worker: what a library gains by itself.  To spread a vectorised variant further, choose it under `threads`
    or `pool`.
    """

    key: ClassVar[str] = "vectorised"
    title: ClassVar[str] = "Vectorised (NumPy)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = 1

    def why_not(self, work: Work) -> str | None:
        vectorised = resolve(work.workload).vectorised
        if work.variant in vectorised:
            return lack(work, self.needs)
        if not vectorised:
            return f"{work.workload} has no vectorised variant."
        return f"The variant {work.variant} of {work.workload} is not vectorised; {', '.join(sorted(vectorised))} is."

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        yield InCaller(work)
