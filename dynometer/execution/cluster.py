"""Jobs on a fleet of worker nodes: the interface; the job engine fills it in."""

from contextlib import AbstractContextManager
from typing import ClassVar

from dynometer.execution.faults import Unavailable
from dynometer.execution.model import Crew, Needs, Work

NO_FLEET = "The cluster needs a fleet of worker nodes: start one with ./dyno up, and measure from its pages."


class Cluster:
    """Wins when one machine is saturated and the work is worth a broker; costs a fleet, a database round trip a chunk,
    and items and values that are JSON.

    The number of workers is the job's limit on slots in use.  The instrument alone has no fleet: `why_not` says so.
    """

    key: ClassVar[str] = "cluster"
    title: ClassVar[str] = "Cluster (jobs on worker nodes)"
    needs: ClassVar[Needs] = Needs.CALL
    uses_processes: ClassVar[bool] = False
    most_workers: ClassVar[int | None] = None

    def why_not(self, work: Work) -> str | None:
        return NO_FLEET

    def crew(self, work: Work, workers: int, start_method: str) -> AbstractContextManager[Crew]:
        raise Unavailable(NO_FLEET)
