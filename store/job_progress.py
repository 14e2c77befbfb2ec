"""How far a job is: all that a poll asks of the database about it, in one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, case, cast, func, literal_column, select, true
from sqlalchemy.orm import Session

from store.database import now_s
from store.jobs import Totals
from store.models import Chunk, ChunkState, JobPartial, JobShare, Node

LAST_CHUNKS = 32  # whose rates tell how uneven the items are


@dataclass(frozen=True)
class NodeWork:
    """What one node did of a job; `chunks_done` has the dead ones in it."""

    node: str | None  # None: of chunks that were given up and never had one
    items_done: int
    items_failed: int
    chunks_done: int
    chunks_dead: int
    busy_s: float


@dataclass(frozen=True)
class Moment:
    """A job's counters at one moment of the database's clock."""

    now_s: float
    ready: int
    running: int
    items_lately: int  # of the chunks that ended within the window asked for
    chunk_rates: tuple[float, ...]  # items per second of one process, in the chunks that ended last
    folded_at: float | None
    nodes: tuple[NodeWork, ...]  # by name

    @property
    def totals(self) -> Totals:
        return Totals(
            sum(node.items_done for node in self.nodes), sum(node.items_failed for node in self.nodes),
            sum(node.chunks_done for node in self.nodes), sum(node.busy_s for node in self.nodes),
        )  # fmt: skip

    @property
    def dead(self) -> int:
        return sum(node.chunks_dead for node in self.nodes)


def _open(state: str) -> Any:
    mine = Chunk.job_id == bindparam("job")
    return select(func.count()).where(mine, Chunk.state == literal_column(f"'{state}'")).scalar_subquery()


_ended = Chunk.job_id == bindparam("job"), Chunk.state == literal_column(f"'{ChunkState.DONE}'")
# In a subquery the moment is read once, and an index can find what came after it: a clock that goes on is no constant
_since = select(now_s() - bindparam("s")).scalar_subquery()
_lately = select(func.coalesce(func.sum(Chunk.item_count), 0)).where(*_ended, Chunk.done_at > _since)
_last = (
    select((Chunk.item_count / Chunk.busy_s).label("rate"))
    .where(*_ended, Chunk.busy_s > 0)
    .order_by(Chunk.done_at.desc())
    .limit(LAST_CHUNKS)
    .subquery()
)
_rates = select(func.aggregate_strings(cast(_last.c.rate, String), " ")).scalar_subquery()
_folded_at = select(JobPartial.folded_at).where(JobPartial.job_id == bindparam("job")).scalar_subquery()
# Dead chunks are counted under slot -1
_dead = func.sum(case((JobShare.slot == -1, JobShare.chunks_done), else_=0))
_nodes = (
    select(
        Node.name, func.sum(JobShare.items_done).label("done"), func.sum(JobShare.items_failed).label("failed"),
        func.sum(JobShare.chunks_done).label("chunks"), _dead.label("dead"), func.sum(JobShare.busy_s).label("busy"),
    )
    .select_from(JobShare)
    .outerjoin(Node, Node.id == JobShare.node_id)
    .where(JobShare.job_id == bindparam("job"))
    .group_by(Node.name)
    .subquery()
)  # fmt: skip
_one = select(
    now_s().label("now"), _open("ready").label("ready"), _open("running").label("running"),
    _lately.scalar_subquery().label("lately"), _rates.label("rates"), _folded_at.label("folded_at"),
).subquery()  # fmt: skip
_moment = select(_one, _nodes).select_from(_one.outerjoin(_nodes, true())).order_by(_nodes.c.name)


def moment_of(session: Session, job_id: int, window_s: float) -> Moment:
    """The counters of a job.  Reads its open chunks, the last ended ones, and a row per worker process."""
    rows = session.connection().execute(_moment, {"job": job_id, "s": window_s}).all()
    now, ready, running, lately, rates, folded_at, *_ = rows[0]
    nodes = tuple(
        NodeWork(name, int(items), int(failed), int(chunks), int(dead), float(busy))
        for *_, name, items, failed, chunks, dead, busy in rows
        if items is not None
    )
    last = tuple(map(float, (rates or "").split()))
    return Moment(float(now), int(ready), int(running), int(lately), last, folded_at, nodes)


def node_names(session: Session, job_id: int) -> dict[int, str]:
    """The nodes that took part in a job, by id."""
    took_part = select(JobShare.node_id).where(JobShare.job_id == job_id)
    found = session.execute(select(Node.id, Node.name).where(Node.id.in_(took_part)))
    return {row.id: row.name for row in found}
