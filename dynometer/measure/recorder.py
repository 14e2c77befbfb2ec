"""Collects what a sweep yields into a result, whole at any moment."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from dynometer.execution.offers import Offer, offers_for
from dynometer.measure.events import Event
from dynometer.measure.grades import accepted, is_precise
from dynometer.measure.machine import Environment, environment
from dynometer.measure.plan import Plan
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Ended, Probe, Setback, Trial


class Recorder:
    """Begin one, let the sweep's events pass through `follow`, ask for `result()` whenever you like.

    The machine's facts are read at the start, before the sweep loads it.  Of a sweep that goes on after a kill it is
    given the `earlier` events, when that began and how long it took, so that the result is of all its lives.
    """

    def __init__(self, plan: Plan, facts: Environment | None = None, offers: Sequence[Offer] | None = None, *,
                 earlier: Sequence[Event] = (), started_at: str = "", earlier_s: float = 0.0) -> None:
        self._plan = plan
        self._environment = facts or environment(plan.library_threads)
        self._offers = tuple(offers_for(plan.workload, plan.parameters) if offers is None else offers)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._started_at = started_at or now
        self._start_s = time.perf_counter() - earlier_s
        self._elapsed_s: float | None = None
        self._events = list(earlier)

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """Each event, kept before it is handed on."""
        for event in events:
            self.add(event)
            yield event
        self._elapsed_s = time.perf_counter() - self._start_s

    def add(self, event: Event) -> None:
        self._events.append(event)

    def result(self) -> SweepResult:
        """Everything so far."""
        is_over = self._elapsed_s is not None
        return SweepResult(
            plan=self._plan, environment=self._environment, started_at=self._started_at,
            elapsed_s=self._elapsed_s if self._elapsed_s is not None else time.perf_counter() - self._start_s,
            state=state_of(self._plan, self._events) if is_over else "stopped",
            trials=tuple(event for event in self._events if isinstance(event, Trial)),
            setbacks=tuple(event for event in self._events if isinstance(event, Setback)),
            probes=tuple(event for event in self._events if isinstance(event, Probe)), models=self._offers,
            ending=next((event.reason for event in self._events if isinstance(event, Ended)), ""),
        )


def state_of(plan: Plan, events: Sequence[Event]) -> str:
    """Of a sweep that ended by itself: "finished" when every point is precise enough, out of windows or set back.

    Else "budget": that ended it.
    """
    trials = [event for event in events if isinstance(event, Trial)]
    set_back = {event.point for event in events if isinstance(event, Setback)}
    for point in plan.points:
        own = [trial for trial in trials if trial.point == point]
        is_done = is_precise(own, plan.blocks_least, plan.precision) or len(accepted(own)) >= plan.blocks_most
        if not (is_done or point in set_back or point in plan.diagnostic):
            return "budget"
    return "finished"
