"""Results: values in item order, whatever their size, and the combined value as it grows."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.database import Database, now_s
from store.models import Chunk, ChunkPartial, ChunkResult, ChunkState, JobPartial

BATCH_CHUNKS = 20
FOLD_CHUNKS = 500
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


def item_results(database: Database, job_id: int) -> Iterator[ItemResult]:
    """Every item that has a verdict, in order."""
    for chunk in ended_chunks(database, job_id):
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
        select(Chunk.first_item, Chunk.item_count, ChunkResult.values, ChunkResult.errors)
        .outerjoin(ChunkResult, (ChunkResult.job_id == Chunk.job_id) & (ChunkResult.first_item == Chunk.first_item))
        .where(Chunk.job_id == job_id, Chunk.first_item > after)
        .where(Chunk.state.in_((ChunkState.DONE, ChunkState.DEAD)))
        .order_by(Chunk.first_item)
        .limit(BATCH_CHUNKS)
    )


def _ended(chunk: Any) -> EndedChunk:
    if chunk.values is None:
        nothing = [None] * chunk.item_count
        return EndedChunk(chunk.first_item, nothing, dict.fromkeys(range(chunk.item_count), GIVEN_UP))
    errors = {int(place): sentence for place, sentence in (chunk.errors or {}).items()}
    return EndedChunk(chunk.first_item, json.loads(chunk.values), errors)


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


def partial_of(session: Session, job_id: int) -> Any:
    """What the job's chunks combine to so far; None before the first fold."""
    return session.scalar(select(JobPartial.partial).where(JobPartial.job_id == job_id))


def folded_at(session: Session, job_id: int) -> float | None:
    """When the job's partial was last folded; None before the first time.  Reads the moment alone: one is small."""
    return session.scalar(select(JobPartial.folded_at).where(JobPartial.job_id == job_id))


def fold(session: Session, job_id: int, merge: Callable[[Any, Any], Any], min_age_s: float = 0.0) -> Any:
    """Merge the partials that came since the last fold, and return the job's partial.

    Does nothing when it was folded less than `min_age_s` ago.  One folder at a time: the job's row here is locked,
    and a partial is deleted in the transaction that merges it.
    """
    if not has_partials(session, job_id):
        return partial_of(session, job_id)
    connection = session.connection()
    connection.execute(_empty_partial[connection.dialect.name], {"job_id": job_id, "partial": None, "folded_at": 0.0})
    total = session.get_one(JobPartial, job_id, with_for_update=True, populate_existing=True)
    now = float(session.scalar(select(now_s())) or 0.0)
    if 0 <= now - total.folded_at < min_age_s:  # below 0: the clock was set back since, and the last fold must not wait
        return total.partial
    merged = total.partial
    for partial in _take_partials(session, job_id):
        merged = partial if merged is None else merge(merged, partial)
    total.partial, total.folded_at = merged, now
    session.flush()
    return merged


_empty_partial = {  # two first folders: one row, and the second waits for the first
    "postgresql": postgresql.insert(JobPartial).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(JobPartial).on_conflict_do_nothing(),
}


def _take_partials(session: Session, job_id: int) -> list[Any]:
    oldest = select(ChunkPartial.first_item).where(ChunkPartial.job_id == job_id).limit(FOLD_CHUNKS)
    taken = delete(ChunkPartial).where(ChunkPartial.job_id == job_id, ChunkPartial.first_item.in_(oldest))
    return list(session.scalars(taken.returning(ChunkPartial.partial).execution_options(synchronize_session=False)))


def has_partials(session: Session, job_id: int) -> bool:
    """Whether some partials wait to be folded."""
    waiting = select(ChunkPartial.job_id).where(ChunkPartial.job_id == job_id).limit(1)
    return session.scalar(waiting) is not None
