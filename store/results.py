"""Results: values in item order, whatever their size."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from store.database import Database
from store.models import Chunk, ChunkResult, ChunkState

BATCH_CHUNKS = 20
GIVEN_UP = "Its worker process ended three times while it computed this item; it was given up."


@dataclass(frozen=True)
class ItemResult:
    """One item's verdict: its value, or the sentence that says why there is none."""

    item: int
    ok: bool
    value: Any = None
    error: str | None = None


@dataclass(frozen=True)
class PaintedChunk:
    """The values of one finished chunk, for pictures that grow."""

    first_item: int
    node_id: int | None
    done_at: float | None
    values: list[Any]


@dataclass(frozen=True)
class EndedChunk:
    """A chunk that has its verdict.  `values` has None where `errors` (place in the chunk -> sentence) has a key."""

    first_item: int
    values: list[Any]
    errors: dict[int, str]
    node_id: int | None = None  # whose process computed it


def item_results(database: Database, job_id: int) -> Iterator[ItemResult]:
    """Every item that has a verdict, in order."""
    for chunk in ended_chunks(database, job_id):
        yield from results_of(chunk)


def first_results(session: Session, job_id: int, most: int) -> list[ItemResult]:
    """The first items that have a verdict, in one statement.  Reads no more chunks than hold them: each may be 4 MB."""
    found = session.execute(_first_chunks, {"job": job_id, "most": most}).all()
    return [result for chunk in found for result in results_of(_ended(chunk))][:most]


def results_of(chunk: EndedChunk) -> Iterator[ItemResult]:
    for place, value in enumerate(chunk.values):
        error = chunk.errors.get(place)
        yield ItemResult(chunk.first_item + place, ok=error is None, value=value, error=error)


def ended_chunks(database: Database, job_id: int) -> Iterator[EndedChunk]:
    """The chunks that have a verdict, in item order.

    Reads a few at a time, each batch in its own short transaction: a slow download holds neither a connection nor
    a snapshot, and memory does not grow with the job.
    """
    after = -1
    while True:
        with database.reading() as session:
            batch = session.execute(_ended_chunks(job_id, after)).all()
        for chunk in batch:
            yield _ended(chunk)
        if len(batch) < BATCH_CHUNKS:
            return
        after = batch[-1].first_item


def _ended_chunks(job_id: int, after: int) -> Any:
    return (
        select(Chunk.first_item, Chunk.item_count, Chunk.node_id, ChunkResult.values, ChunkResult.errors)
        .outerjoin(ChunkResult, (ChunkResult.job_id == Chunk.job_id) & (ChunkResult.first_item == Chunk.first_item))
        .where(Chunk.job_id == job_id, Chunk.first_item > after)
        .where(Chunk.state.in_((ChunkState.DONE, ChunkState.DEAD)))
        .order_by(Chunk.first_item)
        .limit(BATCH_CHUNKS)
    )


_first = (
    select(Chunk.job_id, Chunk.first_item, Chunk.item_count, Chunk.node_id)
    .where(Chunk.job_id == bindparam("job"), Chunk.state.in_((ChunkState.DONE, ChunkState.DEAD)))
    .order_by(Chunk.first_item)
    .limit(bindparam("most"))
    .subquery()
)
_until = func.sum(_first.c.item_count).over(order_by=_first.c.first_item)
_counted = select(_first, (_until - _first.c.item_count).label("before")).subquery()
_first_chunks = (
    select(_counted.c.first_item, _counted.c.item_count, _counted.c.node_id, ChunkResult.values, ChunkResult.errors)
    .outerjoin_from(
        _counted, ChunkResult,
        (ChunkResult.job_id == _counted.c.job_id) & (ChunkResult.first_item == _counted.c.first_item),
    )
    .where(_counted.c.before < bindparam("most"))
    .order_by(_counted.c.first_item)
)  # fmt: skip


def _ended(chunk: Any) -> EndedChunk:
    if chunk.values is None:
        nothing = [None] * chunk.item_count
        errors = dict.fromkeys(range(chunk.item_count), GIVEN_UP)
        return EndedChunk(chunk.first_item, nothing, errors, chunk.node_id)
    errors = {int(place): sentence for place, sentence in (chunk.errors or {}).items()}
    return EndedChunk(chunk.first_item, json.loads(chunk.values), errors, chunk.node_id)


def painted(session: Session, job_id: int, since: float, limit: int = 500) -> Sequence[PaintedChunk]:
    """Chunks that ended after `since`, in the order they ended."""
    ended = (
        select(Chunk.first_item, Chunk.node_id, Chunk.done_at, ChunkResult.values)
        .join(ChunkResult, (ChunkResult.job_id == Chunk.job_id) & (ChunkResult.first_item == Chunk.first_item))
        .where(Chunk.job_id == job_id, Chunk.state == ChunkState.DONE, Chunk.done_at > since)
        .order_by(Chunk.done_at)
        .limit(limit)
    )
    return [PaintedChunk(first, node, done, json.loads(values)) for first, node, done, values in session.execute(ended)]
