"""Chunks of ended jobs: taken out, and left by the processes that still compute them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, case, literal_column, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from store.models import Chunk, ChunkState, Job, Node, NodeState
from store.values import Claimed

_job_is_open = Job.state.in_((literal_column("'queued'"), literal_column("'running'")))
_cancelled = {
    Chunk.state: ChunkState.CANCELLED,
    Chunk.fence: Chunk.fence + 1,
    Chunk.lease_until: None,
    Chunk.slot_pid: case((Chunk.state == literal_column("'running'"), Chunk.slot_pid)),  # who still computes it
}


def cancel_open(session: Session, job_id: int) -> None:
    """Take every waiting and running chunk out: what a process still computes of it will not be kept."""
    session.execute(
        update(Chunk)
        .where(Chunk.job_id == job_id, Chunk.state.in_((ChunkState.READY, ChunkState.RUNNING)))
        .values(_cancelled)
        .execution_options(synchronize_session=False)
    )


_leave = (
    update(Chunk)
    .where(Chunk.job_id == bindparam("job"), Chunk.first_item == bindparam("first"))
    .where(Chunk.slot_pid == bindparam("pid"), Chunk.state == literal_column("'cancelled'"))
    .values(slot_pid=None)
)


def leave_cancelled(session: Session, claimed: Claimed, pid: int) -> None:
    """The process no longer computes a chunk that was cancelled meanwhile."""
    session.connection().execute(_leave, {"job": claimed.job_id, "first": claimed.first_item, "pid": pid})


def cancelled_on(session: Session, node_id: int) -> Sequence[Chunk]:
    """Cancelled chunks that a node's processes are still computing: they end with the item at hand."""
    computed = Chunk.state == literal_column("'cancelled'"), Chunk.slot_pid.is_not(None)
    return session.scalars(select(Chunk).where(Chunk.node_id == node_id, *computed)).all()


def forget_cancelled(session: Session, chunk: Chunk) -> None:
    """Its process is gone."""
    session.execute(
        update(Chunk)
        .where(Chunk.job_id == chunk.job_id, Chunk.first_item == chunk.first_item)
        .where(Chunk.state == ChunkState.CANCELLED)
        .values(slot_pid=None)
        .execution_options(synchronize_session=False)
    )


def forget_on_gone_nodes(session: Session) -> None:
    """Nobody computes on a node that was lost or has left, and no steward of it will say so."""
    gone = select(Node.id).where(Node.state.in_((NodeState.LOST, NodeState.LEFT)))
    session.execute(
        update(Chunk)
        .where(Chunk.state == literal_column("'cancelled'"), Chunk.slot_pid.is_not(None), Chunk.node_id.in_(gone))
        .values(slot_pid=None)
        .execution_options(synchronize_session=False)
    )


_left = aliased(Chunk)
_cancel_leftovers = (
    update(Chunk)
    .where(Chunk.state.in_((literal_column("'ready'"), literal_column("'running'"))))
    .where(
        tuple_(Chunk.job_id, Chunk.first_item).in_(
            select(_left.job_id, _left.first_item)
            .where(_left.state.in_((literal_column("'ready'"), literal_column("'running'"))))
            .where(_left.job_id.not_in(select(Job.id).where(_job_is_open)))
            .with_for_update(of=_left, skip_locked=True)
        )
    )
    .values(_cancelled)
)


def cancel_leftovers(session: Session) -> int:
    """Take out what is still open of jobs that have ended; how many chunks.

    Reads only open chunks and open jobs.  It waits for nobody, as who holds a chunk may wait for another: a locked one
    has its turn in the next round.
    """
    return session.connection().execute(_cancel_leftovers).rowcount
