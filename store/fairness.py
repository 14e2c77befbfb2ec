"""Whose turn it is: open jobs in the order in which worker processes shall serve them."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, case, func, literal_column, select, update
from sqlalchemy.orm import Session

from store.database import now_s
from store.models import Chunk, Job, JobState

_job_is_open = Job.state.in_((literal_column("'queued'"), literal_column("'running'")))
_per_job = (
    select(
        Chunk.job_id,
        func.sum(case((Chunk.state == literal_column("'running'"), 1), else_=0)).label("running"),
        func.sum(case((Chunk.state == literal_column("'ready'"), 1), else_=0)).label("ready"),
    )
    .where(Chunk.state.in_((literal_column("'ready'"), literal_column("'running'"))))
    .group_by(Chunk.job_id)
    .subquery("per_job")
)
_per_owner = (
    select(
        Job.owner_id,
        func.sum(func.coalesce(_per_job.c.running, 0)).label("running"),
        func.max(Job.served_at).label("served_at"),
    )
    .outerjoin(_per_job, _per_job.c.job_id == Job.id)
    .where(_job_is_open)
    .group_by(Job.owner_id)
    .subquery("per_owner")
)
_running = func.coalesce(_per_job.c.running, 0)
_claimable = (
    select(Job.id)
    .outerjoin(_per_job, _per_job.c.job_id == Job.id)
    .join(_per_owner, _per_owner.c.owner_id == Job.owner_id)
    .where(_job_is_open)
    .where((func.coalesce(_per_job.c.ready, 0) > 0) | (Job.next_item < Job.items_total))
    .where(Job.max_workers.is_(None) | (_running < Job.max_workers))
    .order_by(
        func.coalesce(_per_owner.c.running, 0), func.coalesce(_per_owner.c.served_at, 0),
        _running, func.coalesce(Job.served_at, 0), Job.id,
    )
    .limit(bindparam("most"))
)  # fmt: skip


_claimable_of = _claimable.where(Job.workload.in_(bindparam("workloads", expanding=True)))


def fairest_jobs(session: Session, limit: int, workloads: Collection[str] | None = None) -> Sequence[int]:
    """Jobs with work to claim: first the owner, then the job with the fewest running chunks, then the longest unserved.

    Only of these `workloads`, when given: what a node can't compute it leaves to others.  Costs one pass over open
    jobs and their open chunks, a few per worker process.
    """
    statement, given = (_claimable, {}) if workloads is None else (_claimable_of, {"workloads": list(workloads)})
    return list(session.connection().execute(statement, {"most": limit, **given}).scalars())


_mark_served = (
    update(Job)
    .where(Job.id == bindparam("job"), _job_is_open)
    .values(served_at=now_s(), state=JobState.RUNNING, started_at=func.coalesce(Job.started_at, now_s()))
)


def mark_served(session: Session, job_id: int) -> None:
    """A process turns to this job now; the first time, the job starts to run."""
    session.connection().execute(_mark_served, {"job": job_id})
