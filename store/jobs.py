"""Jobs: found, locked, listed, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, select, update
from sqlalchemy.orm import Session

from store.database import is_too_far_ahead, now_s
from store.ending import announce
from store.models import Chunk, ChunkResult, ChunkState, IdempotencyKey, Job, JobShare, JobState

OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Totals:
    """What all worker processes did of a job; `items_done` has the failed ones in it."""

    items_done: int
    items_failed: int
    chunks_done: int
    busy_s: float


def job_of(session: Session, job_id: int) -> Job | None:
    """By key."""
    return session.get(Job, job_id)


def locked_job(session: Session, job_id: int) -> Job | None:
    """The job, with its row held until the transaction ends.

    Not FOR UPDATE: inserting a result shares a key lock on the job, and two recorders that both want to cut
    would wait for each other for ever.
    """
    return session.get(Job, job_id, with_for_update={"key_share": True}, populate_existing=True)


def newest_jobs(session: Session, owner_id: int | None, limit: int, before_id: int | None = None) -> Sequence[Job]:
    """Newest first, of one owner or of all; `before_id` is the page's cursor."""
    newest = select(Job).order_by(Job.id.desc()).limit(limit)
    if owner_id is not None:
        newest = newest.where(Job.owner_id == owner_id)
    if before_id is not None:
        newest = newest.where(Job.id < before_id)
    return session.scalars(newest).all()


def count_open(session: Session) -> int:
    """How many jobs have no verdict yet."""
    return int(session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(OPEN))) or 0)


def cut_up_job_ids(session: Session) -> Sequence[int]:
    """Open jobs of which every item is in some chunk: they may be done."""
    return session.scalars(select(Job.id).where(Job.state.in_(OPEN), Job.next_item >= Job.items_total)).all()


_uncut = select(Job.items_total - Job.next_item).where(Job.id == bindparam("job"))


def items_uncut(session: Session, job_id: int) -> int:
    """How many of the job's items are in no chunk yet."""
    return int(session.connection().execute(_uncut, {"job": job_id}).scalar() or 0)


_only_lacks_verdict = select(
    select(Job.id)
    .where(Job.id == bindparam("job"), Job.state.in_(OPEN), Job.next_item >= Job.items_total)
    .where(
        ~select(Chunk.job_id)
        .where(Chunk.job_id == bindparam("job"))
        .where(Chunk.state.in_((literal_column("'ready'"), literal_column("'running'"))))
        .exists()
    )
    .exists()
)


def only_lacks_verdict(session: Session, job_id: int) -> bool:
    """Whether the job is open and no item of it is left to compute."""
    return bool(session.connection().execute(_only_lacks_verdict, {"job": job_id}).scalar())


def prune_idempotency_keys(session: Session, older_than_s: float) -> int:
    """Forget keys of that age; how many."""
    old = delete(IdempotencyKey).where(IdempotencyKey.created_at < now_s() - older_than_s)
    return session.connection().execute(old).rowcount


def idempotency_key(session: Session, owner_id: int, key: str) -> IdempotencyKey | None:
    """What this owner's key was used for."""
    return session.get(IdempotencyKey, (owner_id, key))


_totals = select(
    *(
        func.coalesce(func.sum(column), 0)
        for column in (JobShare.items_done, JobShare.items_failed, JobShare.chunks_done, JobShare.busy_s)
    )
).where(JobShare.job_id == bindparam("job"))


def totals(session: Session, job_id: int) -> Totals:
    """The sum over the job's counters: one row per worker process that took part."""
    row = session.connection().execute(_totals, {"job": job_id}).one()
    return Totals(int(row[0]), int(row[1]), int(row[2]), float(row[3]))


def dead_chunks(session: Session, job_id: int, limit: int = 20) -> Sequence[Chunk]:
    """Chunks given up, in item order."""
    dead = select(Chunk).where(Chunk.job_id == job_id, Chunk.state == ChunkState.DEAD)
    return session.scalars(dead.order_by(Chunk.first_item).limit(limit)).all()


def first_errors(session: Session, job_id: int, limit: int = 5) -> Sequence[ChunkResult]:
    """Results that hold failed items, in item order."""
    failed = (
        select(ChunkResult)
        .join(Chunk, (Chunk.job_id == ChunkResult.job_id) & (Chunk.first_item == ChunkResult.first_item))
        .where(ChunkResult.job_id == job_id, Chunk.items_failed > 0)
    )
    return session.scalars(failed.order_by(ChunkResult.first_item).limit(limit)).all()


def end(session: Session, job_id: int, state: JobState, failure: str | None, value: Any = None) -> bool:
    """Give the job its verdict; False when it has one already."""
    ended = (
        update(Job)
        .where(Job.id == job_id, Job.state.in_(OPEN))
        .values(state=state, failure=failure, value=value, ended_at=now_s())
        .execution_options(synchronize_session=False)
    )
    is_ended = session.connection().execute(ended).rowcount == 1
    if is_ended:
        announce(session, job_id)
    return is_ended


def waiting_workloads(session: Session, for_s: float) -> Mapping[int, str]:
    """Open job -> its workload, of jobs that were admitted `for_s` seconds ago or earlier and never served since."""
    idle = func.coalesce(Job.served_at, Job.created_at) < now_s() - for_s
    rows = session.execute(select(Job.id, Job.workload).where(Job.state.in_(OPEN), idle))
    return {row.id: row.workload for row in rows}


def take_turn_to_ring(session: Session, job_id: int, after_s: float) -> bool:
    """True for one caller when nobody has rung for the job for `after_s` seconds."""
    is_due = (Job.rung_at < now_s() - after_s) | is_too_far_ahead(Job.rung_at, after_s)
    rung = update(Job).where(Job.id == job_id, is_due).values(rung_at=now_s())
    return session.connection().execute(rung.execution_options(synchronize_session=False)).rowcount == 1
