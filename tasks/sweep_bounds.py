"""What a result from elsewhere may hold: numbers that a machine can have, and text that every file format can."""

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from dynometer.errors import InvalidInput
from dynometer.measure.codec import to_json
from dynometer.measure.result import SweepResult

MOST = 2**63 - 1  # of any number: seeds are so large
MOST_WORKERS = 1_000_000
LEAST_S, MOST_S = 1e-9, 1e9  # of a window
MOST_ITEMS = 2**53
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # a renderer of charts dies of them


def require_tame(result: SweepResult) -> None:
    """Raises InvalidInput that names the place of what no report, chart or file could be made of."""
    for place, value in places(to_json(result)):
        if isinstance(value, str) and NOT_IN_XML.search(value):
            refuse(place, "holds a control character")
        if isinstance(value, int | float) and not abs(value) <= MOST:  # NaN and infinity are not
            refuse(place, "is beyond any measure")
    plan = result.plan
    points = [*plan.points, plan.baseline, *plan.diagnostic, *(trial.point for trial in result.trials),
              *(setback.point for setback in (*result.setbacks, *plan.setbacks))]  # fmt: skip
    if not all(1 <= point.workers <= MOST_WORKERS for point in points):
        refuse("workers", f"must be from 1 to {MOST_WORKERS:,}")
    for number, trial in enumerate(result.trials):
        if not (LEAST_S <= trial.wall_s <= MOST_S and 1 <= trial.items <= MOST_ITEMS):
            refuse(f"trials[{number}]", "is a window without time or items that any machine could have")
    if not 0 <= result.elapsed_s <= MOST_S:
        refuse("elapsed_s", "is no time that a sweep takes")
    if not re.match(r"(19[7-9]|[2-9]\d\d)\d-", result.started_at):
        refuse("started_at", "is no time since 1970")
    if not 0 < result.environment.cpus_usable <= MOST_WORKERS:
        refuse("environment.cpus_usable", f"must be above 0 and at most {MOST_WORKERS:,}")


def places(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar and every name in JSON, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"a name in {place or 'it'}", name
            yield from places(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, f"{place}[{index}]")
    elif value is not None:
        yield place, value


def refuse(place: str, words: str) -> NoReturn:
    sentence = f"{place[:80]!a} {words}"
    raise InvalidInput(f"This result can't be shown: {sentence}; nothing was kept.", fields={"file": sentence})
