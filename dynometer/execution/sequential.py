"""One call after the other in the caller's thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.in_caller import InCaller
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack


class Sequential:
    """Wins when the whole work is shorter than starting workers; costs nothing, and leaves all cores but one idle.

    It is the baseline: speed-ups are over it.
    """

    key: ClassVar[str] = "sequential"
    title: ClassVar[str] = "Sequential"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = 1

    def why_not(self, work: Work) -> str | None:
        return lack(work, self.needs)

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        yield InCaller(work)
