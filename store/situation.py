"""What a process must know to cut a job's next chunks, in one statement: round trips are most of the cost."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from store.models import Chunk, Job, JobShare, Node, NodeState


@dataclass(frozen=True)
class Situation:
    """A job's open chunks, the worker processes alive, and what the job has cost so far."""

    ready: int
    running: int
    slots: int
    items_done: int
    busy_s: float


def _open(state: str) -> Any:
    counted = select(func.count()).select_from(Chunk)
    return counted.where(Chunk.job_id == bindparam("job"), Chunk.state == literal_column(state)).scalar_subquery()


_slots = select(func.coalesce(func.sum(Node.slots), 0)).where(
    Node.role == "worker", Node.state.not_in((NodeState.LOST, NodeState.LEFT, NodeState.DRAINING))
)
_of_job = JobShare.job_id == bindparam("job")
_situation = select(
    _open("'ready'"),
    _open("'running'"),
    _slots.scalar_subquery(),
    select(func.coalesce(func.sum(JobShare.items_done), 0)).where(_of_job).scalar_subquery(),
    select(func.coalesce(func.sum(JobShare.busy_s), 0.0)).where(_of_job).scalar_subquery(),
)
_others = select(select(Job.id).where(Job.state.in_((literal_column("'queued'"), literal_column("'running'"))),
                                      Job.id != bindparam("job")).exists())  # fmt: skip


def situation(session: Session, job_id: int) -> Situation:
    """The job's situation as this transaction sees it: reads its open chunks, its counters and the nodes."""
    ready, running, slots, items_done, busy_s = session.connection().execute(_situation, {"job": job_id}).one()
    return Situation(int(ready), int(running), max(1, int(slots)), int(items_done), float(busy_s))


def has_rivals(session: Session, job_id: int) -> bool:
    """Whether any other job is open."""
    return bool(session.connection().execute(_others, {"job": job_id}).scalar())
