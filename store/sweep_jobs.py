"""Jobs that are windows of a sweep's cluster points, and what disturbed them."""

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from store.models import Chunk, ChunkState, Job
from store.sweep_models import Phase, Sweep, SweepEvent, SweepJob
from store.sweeps import OPEN


def locked_in_fleet_phase(session: Session, sweep_id: int) -> Sweep | None:
    """The sweep with its row held, while its cluster points run; None otherwise, or while another takes a step."""
    found = select(Sweep).where(Sweep.id == sweep_id, Sweep.state.in_(OPEN), Sweep.phase == Phase.FLEET)
    return session.scalar(found.with_for_update(skip_locked=True), execution_options={"populate_existing": True})


def window_of(session: Session, sweep_id: int) -> SweepJob | None:
    """The window that runs, or has ended and is not recorded."""
    return session.get(SweepJob, sweep_id)


def forget(session: Session, window: SweepJob) -> None:
    """Its trial is recorded: the job and its results go."""
    session.execute(delete(SweepJob).where(SweepJob.sweep_id == window.sweep_id))
    session.execute(delete(Job).where(Job.id == window.job_id))
    session.expunge(window)


def others_computed(session: Session, job: Job) -> bool:
    """Whether another job's chunk ended while `job` ran, or runs still."""
    ran_then = and_(Job.started_at < job.ended_at, or_(Job.ended_at.is_(None), Job.ended_at > job.created_at))
    others = select(Job.id).where(Job.id != job.id, ran_then)
    computed = or_(Chunk.done_at.between(job.created_at, job.ended_at), Chunk.state == ChunkState.RUNNING)
    return session.scalar(select(Chunk.job_id).where(Chunk.job_id.in_(others), computed).limit(1)) is not None


def others_measured(session: Session, job: Job, sweep_id: int) -> bool:
    """Whether another sweep recorded anything while `job` ran."""
    meanwhile = SweepEvent.at.between(job.created_at, job.ended_at)
    found = select(SweepEvent.number).where(SweepEvent.sweep_id != sweep_id, meanwhile)
    return session.scalar(found.limit(1)) is not None
