"""The workload's compiled variant in the caller's thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from dynometer.execution.in_caller import InCaller
from dynometer.execution.model import Crew, Needs, Work
from dynometer.execution.work import check_workers, lack
from dynometer.workloads import resolve


class Native:
    """Wins when a compiled function does the work, which may also let go of the interpreter's lock; costs a compiler
    or a library, and the compile time of the first call (before the clock runs, since workers are warmed).

    One worker: what compiling gains by itself.  A native variant that lets go of the lock scales under `threads`,
    which is measured as a curve of its own.
    """

    key: ClassVar[str] = "native"
    title: ClassVar[str] = "Native code"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = 1

    def why_not(self, work: Work) -> str | None:
        native = resolve(work.workload).native
        if work.variant in native:
            return lack(work, self.needs)
        if not native:
            return f"{work.workload} has no native variant."
        return f"The variant {work.variant} of {work.workload} is not native code; {', '.join(sorted(native))} is."

    @contextmanager
    def crew(self, work: Work, workers: int, start_method: str) -> Iterator[Crew]:
        check_workers(workers, self.most_workers)
        yield InCaller(work)
