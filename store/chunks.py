"""Chunks: cut, claimed, recorded, given back.  Every statement here runs inside its caller's transaction.

Correctness rests on one rule: a chunk changes only WHERE its state and fence are still what the caller saw.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import CursorResult, Select, bindparam, case, func, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.database import is_too_far_ahead, now_s
from store.models import Chunk, ChunkPartial, ChunkResult, ChunkState, Job, JobShare, Node, NodeState
from store.values import Claimed, OpenChunks, Outcome, Piece, Slot

MAX_ATTEMPTS = 3


def add(session: Session, job_id: int, pieces: Sequence[Piece]) -> None:
    """Insert `pieces` as ready chunks, in one statement."""
    rows = [
        {"job_id": job_id, "first_item": p.first_item, "item_count": p.item_count, "budget_s": p.budget_s,
         "attempt": p.attempt, "state": ChunkState.READY, "fence": 0, "items_failed": 0}
        for p in pieces
    ]  # fmt: skip
    session.connection().execute(insert(Chunk), rows)


_next_ready = (
    select(Chunk.first_item)
    .where(Chunk.job_id == bindparam("job"), Chunk.state == literal_column("'ready'"))
    .order_by(Chunk.first_item)
    .limit(1)
    .with_for_update(skip_locked=True)
    .correlate(None)
    .scalar_subquery()
)
_draining = select(Node.id).where(Node.id == bindparam("node"), Node.state == NodeState.DRAINING).exists()
_job_is_open = Job.state.in_((literal_column("'queued'"), literal_column("'running'")))
_claim = (
    update(Chunk)
    .where(Chunk.job_id == bindparam("job"), Chunk.first_item == _next_ready)
    .where(Chunk.state == literal_column("'ready'"), ~_draining)
    .where(select(Job.id).where(Job.id == bindparam("job"), _job_is_open).exists())
    .values(
        state=ChunkState.RUNNING, fence=Chunk.fence + 1, attempt=Chunk.attempt + 1, node_id=bindparam("node"),
        slot_pid=bindparam("pid"), lease_until=now_s() + bindparam("lease"),
    )
    .returning(Chunk.first_item, Chunk.item_count, Chunk.fence, Chunk.attempt, Chunk.budget_s)
)  # fmt: skip


def claim(session: Session, job_id: int, slot: Slot, lease_s: float) -> Claimed | None:
    """Take the first ready chunk of an open job, unless another process holds it or the node drains."""
    given = {"job": job_id, "node": slot.node_id, "pid": slot.pid, "lease": lease_s}
    row = session.connection().execute(_claim, given).first()
    return Claimed(job_id, *row) if row else None


_record = (
    update(Chunk)
    .where(Chunk.job_id == bindparam("job"), Chunk.first_item == bindparam("first"))
    .where(Chunk.fence == bindparam("held"), Chunk.state == literal_column("'running'"))
    .values(
        state=ChunkState.DONE, done_at=now_s(), item_count=bindparam("run"), busy_s=bindparam("busy"),
        items_failed=bindparam("failed"), lease_until=None,
    )
)  # fmt: skip


def record(session: Session, claimed: Claimed, outcome: Outcome, slot: Slot) -> bool:
    """Keep an outcome exactly once: False, and nothing kept, when another process holds the chunk by now."""
    connection = session.connection()
    given = {"job": claimed.job_id, "first": claimed.first_item, "held": claimed.fence, "run": outcome.items_run,
             "busy": outcome.busy_s, "failed": len(outcome.errors)}  # fmt: skip
    if connection.execute(_record, given).rowcount == 0:
        return False
    key = {"job_id": claimed.job_id, "first_item": claimed.first_item}
    errors = {str(place): sentence for place, sentence in outcome.errors.items()} or None
    connection.execute(insert(ChunkResult), {**key, "values": outcome.values, "errors": errors})
    if outcome.partial is not None:
        connection.execute(insert(ChunkPartial), {**key, "partial": outcome.partial})
    count(session, claimed.job_id, slot.node_id, slot.index, items=outcome.items_run, failed=len(outcome.errors),
          busy_s=outcome.busy_s)  # fmt: skip
    return True


def _count_statement(dialect: Any) -> Any:
    added = dialect.insert(JobShare)
    return added.on_conflict_do_update(
        index_elements=["job_id", "node_id", "slot"],
        set_={
            name: getattr(JobShare, name) + getattr(added.excluded, name)
            for name in ("items_done", "items_failed", "chunks_done", "busy_s")
        },
    )


_count = {"postgresql": _count_statement(postgresql), "sqlite": _count_statement(sqlite)}


def count(
    session: Session, job_id: int, node_id: int, slot: int, *, items: int, failed: int, busy_s: float = 0.0
) -> None:
    """Add to the counter of one worker process (slot -1: its node's, for chunks that died)."""
    connection = session.connection()
    given = {"job_id": job_id, "node_id": node_id, "slot": slot, "items_done": items, "items_failed": failed,
             "chunks_done": 1, "busy_s": busy_s}  # fmt: skip
    connection.execute(_count[connection.dialect.name], given)


_open = (
    select(
        func.coalesce(func.sum(case((Chunk.state == literal_column("'ready'"), 1), else_=0)), 0),
        func.coalesce(func.sum(case((Chunk.state == literal_column("'running'"), 1), else_=0)), 0),
    )
    .where(Chunk.job_id == bindparam("job"))
    .where(Chunk.state.in_((literal_column("'ready'"), literal_column("'running'"))))
)


def open_of(session: Session, job_id: int) -> OpenChunks:
    """How many of the job's chunks wait and run: reads only these."""
    ready, running = session.connection().execute(_open, {"job": job_id}).one()
    return OpenChunks(int(ready), int(running))


def running_on(session: Session, node_id: int) -> Sequence[Chunk]:
    """The chunks that a node's processes hold."""
    held = select(Chunk).where(Chunk.node_id == node_id, Chunk.state == literal_column("'running'"))
    return session.scalars(held).all()


def extend_leases(session: Session, node_id: int, pids: Sequence[int], lease_s: float) -> None:
    """Prolong what the living processes `pids` of a node hold, in one statement."""
    session.execute(
        update(Chunk)
        .where(Chunk.node_id == node_id, Chunk.state == literal_column("'running'"), Chunk.slot_pid.in_(pids))
        .values(lease_until=now_s() + lease_s)
        .execution_options(synchronize_session=False)
    )


def expired(lease_s: float) -> Select[Chunk]:
    """Chunks whose holder has been silent for a whole lease; locked ones are somebody else's work."""
    is_over = (Chunk.lease_until < now_s()) | is_too_far_ahead(Chunk.lease_until, lease_s)
    return (
        select(Chunk)
        .where(Chunk.state == literal_column("'running'"), is_over)
        .limit(100)
        .with_for_update(skip_locked=True)
    )


def _let_go(chunk: Chunk, **values: Any) -> Any:
    return (
        update(Chunk)
        .where(Chunk.job_id == chunk.job_id, Chunk.first_item == chunk.first_item)
        .where(Chunk.fence == chunk.fence, Chunk.state == literal_column("'running'"))
        .values(lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, chunk: Chunk) -> bool:
    """Make a held chunk ready again as if it had never been claimed: its holder leaves of its own will."""
    freed = _let_go(chunk, state=ChunkState.READY, fence=Chunk.fence + 1, attempt=Chunk.attempt - 1)
    return _rows(session, freed) == 1


def retry(session: Session, chunk: Chunk) -> bool:
    """Make a chunk whose process died ready again.

    It is split into about sqrt(n) parts, so that the third attempt runs single items
    and a deadly item is named alone.
    """
    parts = split(chunk.first_item, chunk.item_count, chunk.attempt)
    freed = _let_go(chunk, state=ChunkState.READY, fence=Chunk.fence + 1, item_count=parts[0][1])
    if _rows(session, freed) == 0:
        return False
    rest = [Piece(first, n, chunk.budget_s, attempt=chunk.attempt) for first, n in parts[1:]]
    if rest:
        add(session, chunk.job_id, rest)
    return True


def bury(session: Session, chunk: Chunk) -> bool:
    """Give a chunk up: its items count as failed."""
    if _rows(session, _let_go(chunk, state=ChunkState.DEAD, fence=Chunk.fence + 1, items_failed=chunk.item_count)) == 0:
        return False
    count(session, chunk.job_id, chunk.node_id or 0, -1, items=chunk.item_count, failed=chunk.item_count)
    return True


def split(first_item: int, item_count: int, attempt: int) -> list[tuple[int, int]]:
    """(first item, count) of even parts that follow each other: about sqrt(n) after the first attempt, then n."""
    parts = max(1, round(item_count**0.5)) if attempt < MAX_ATTEMPTS - 1 else item_count
    bounds = [first_item + item_count * k // parts for k in range(parts + 1)]
    return [(low, high - low) for low, high in pairwise(bounds)]


def _rows(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount
