"""What a sweep finds, one event at a time, each under a word for its kind."""

from typing import Any

from dynometer.measure.codec import from_json
from dynometer.measure.trial import Ended, Probe, Setback, Trial

Event = Trial | Setback | Probe | Ended
KINDS: dict[str, type[Any]] = {"trial": Trial, "setback": Setback, "probe": Probe, "ended": Ended}


def kind_of(event: Event) -> str:
    return next(name for name, kind in KINDS.items() if isinstance(event, kind))


def event_of(kind: str, body: Any) -> Event:
    """From JSON.  Raises Misfit that names the place, and KeyError for a kind that there is not."""
    event: Event = from_json(KINDS[kind], body)
    return event
