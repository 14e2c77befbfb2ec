"""Items cut into chunks that travel together, and put together again in order."""

from collections.abc import Iterable, Sequence

from dynometer.execution.faults import Fault
from dynometer.workloads.workload import Json

Chunk = tuple[int, Sequence[Json]]  # the place of its first item, and the items
Reply = tuple[int, float, list[Json]]  # the worker's thread, the CPU seconds it has used so far, the values


def cut(items: Sequence[Json], chunk: int) -> list[Chunk]:
    """Pieces of `chunk` (>= 1) items; the last may be smaller."""
    return [(first, items[first:first + chunk]) for first in range(0, len(items), chunk)]


class Ledger:
    """What workers answered: values in order, and the CPU each has used."""

    def __init__(self) -> None:
        self._cpu_s: dict[int, float] = {}  # thread -> since it began

    def values(self, replies: Iterable[Reply | Fault]) -> list[Json]:
        """All values of `replies`, which come in the items' order.  Raises the first fault."""
        values: list[Json] = []
        for reply in replies:
            values.extend(self.open(reply))
        return values

    def open(self, reply: Reply | Fault) -> list[Json]:
        """The values of one reply.  Raises CallFailed or NotPrepared when it is a fault."""
        if isinstance(reply, Fault):
            raise reply.error()
        thread, cpu_s, values = reply
        self._cpu_s[thread] = cpu_s
        return values

    def note(self, thread: int, cpu_s: float) -> None:
        self._cpu_s[thread] = cpu_s

    def worker_cpu_s(self) -> float:
        return sum(self._cpu_s.values())
