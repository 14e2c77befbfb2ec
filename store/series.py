"""When a job's items were done, and by which node: counted by the database in bins of time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import FunctionElement

from store.models import Chunk, ChunkState, Node


class whole_part(FunctionElement[int]):  # noqa: N801 - reads like the SQL function it is
    """A positive number without its fraction.  Not CAST on PostgreSQL, which rounds."""

    type = Integer()
    inherit_cache = True


@compiles(whole_part, "postgresql")
def _whole_postgresql(element: whole_part, compiler: Any, **kw: Any) -> str:
    return f"trunc({compiler.process(element.clauses, **kw)})"


@compiles(whole_part, "sqlite")
def _whole_sqlite(element: whole_part, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS INTEGER)"


@dataclass(frozen=True)
class Ended:
    """The chunks of one node that ended within one bin of time."""

    place: int  # of the bin: from place x width, in seconds since the job's start
    node: str
    items: int
    ended_s: float  # on average, since the job's start
    took_s: float  # on average, in the workload's function


def ended_in_bins(session: Session, job_id: int, started_at: float, bin_s: float, first: int = 0) -> list[Ended]:
    """What ended from bin `first` on.  Reads only these chunks; answers a row per bin and node, however many."""
    place = whole_part((Chunk.done_at - started_at) / bin_s).label("place")
    chunks = (
        select(place, Chunk.node_id, Chunk.item_count, Chunk.done_at, Chunk.busy_s)
        .where(Chunk.job_id == job_id, Chunk.state == literal_column(f"'{ChunkState.DONE}'"))
        .where(Chunk.done_at >= started_at + first * bin_s)
        .subquery()
    )
    binned = (
        select(
            chunks.c.place, chunks.c.node_id, func.sum(chunks.c.item_count).label("item_sum"),
            func.avg(chunks.c.done_at - started_at).label("ended_s"),
            func.avg(func.coalesce(chunks.c.busy_s, 0.0)).label("took_s"),
        )
        .group_by(chunks.c.place, chunks.c.node_id)
        .subquery()
    )  # fmt: skip
    named = select(binned.c.place, Node.name, binned.c.item_sum, binned.c.ended_s, binned.c.took_s)
    found = session.execute(named.join(Node, Node.id == binned.c.node_id).order_by(binned.c.place, Node.name))
    return [Ended(int(place), name, int(items), ended, took) for place, name, items, ended, took in found]
