"""What the page of a job that has ended shows of its results: the table its workload makes, else the first items."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.current import database
from app.job_view import JobView
from dynometer.workloads.parameters import read_parameters
from store.results import first_results
from store.uploads import items_from

FIRST_ITEMS = 10
LONGEST_CELL = 160  # characters; the files have all of them
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Table:
    """Rows under headings; `error_rows` hold a sentence where the value would be."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    error_rows: frozenset[int] = frozenset()


def report_of(view: JobView) -> Table | None:
    """None while it runs, when nothing is done, and for a picture, which shows more than any table."""
    if not view.job.state.is_final or not view.progress.items_done or (view.workload and view.workload.picture):
        return None
    try:
        return combined_table(view) or items_table(view)
    except Exception as error:  # noqa: BLE001 - a workload's own code may raise anything; the page must not
        log.warning("Job %s: its results can't be shown (%s).", view.job.id, type(error).__name__)
        return None


def combined_table(view: JobView) -> Table | None:
    """What `combine.table(value)` makes, where a workload has that: (title, headings, rows)."""
    make = getattr(view.workload and view.workload.combine, "table", None)
    if make is None or view.progress.value is None:
        return None
    title, headings, rows = make(view.progress.value)
    return Table(title, tuple(headings), tuple(tuple(map(cell, row)) for row in rows)) if rows else None


def items_table(view: JobView) -> Table | None:
    """The first items with their values; what went in stands beside them where it says more than their number."""
    with database().reading() as session:
        results = first_results(session, view.job.id, FIRST_ITEMS)
    inputs = inputs_of(view, [result.item for result in results])
    shows_inputs = any(given not in (None, result.item) for given, result in zip(inputs, results, strict=True))
    rows = []
    for given, result in zip(inputs, results, strict=True):
        value = cell(result.value) if result.ok else result.error or ""
        rows.append((f"{result.item:,}", cell(given), value) if shows_inputs else (f"{result.item:,}", value))
    failed = frozenset(place for place, result in enumerate(results) if not result.ok)
    title = "Results" if len(results) == view.job.items_total else f"First results of {view.job.items_total:,}"
    headings = ("Item", "Input", "Value") if shows_inputs else ("Item", "Value")
    return Table(title, headings, tuple(rows), failed) if rows else None


def inputs_of(view: JobView, items: Sequence[int]) -> list[Any]:
    """What went in as those items, which ascend; None where nobody knows any more."""
    if view.job.upload_id is not None:
        return uploaded(view.job.upload_id, items)
    if view.workload is None:
        return [None] * len(items)
    parameters: Any = read_parameters(view.workload.parameters, view.job.parameters)
    return [view.workload.item_at(item, parameters) for item in items]


def uploaded(upload_id: int, items: Sequence[int]) -> list[Any]:
    """One read where they lie together, as they mostly do."""
    found: dict[int, Any] = {}
    for item in items:
        if item not in found:
            following = islice(items_from(database(), upload_id, item), FIRST_ITEMS)
            found |= {item + step: given for step, given in enumerate(following)}
    return [found.get(item) for item in items]


def cell(value: Any) -> str:
    """A value in one short line; numbers as results have them."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + " …"
