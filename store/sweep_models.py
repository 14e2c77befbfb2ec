"""The tables of sweeps: what was asked for, every event of measuring it, and the links that show it to others."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.account_models import User
from store.database import now_s
from store.models import Job
from store.tables import Base, BigId, partial_index, stored


class SweepState(StrEnum):
    QUEUED = "queued"  # no node has begun it
    RUNNING = "running"
    FINISHED = "finished"  # at least one window counts
    FAILED = "failed"  # none does
    CANCELLED = "cancelled"  # what was measured by then is kept

    @property
    def is_final(self) -> bool:
        return self not in (SweepState.QUEUED, SweepState.RUNNING)


class Phase(StrEnum):
    """What an open sweep does at this moment."""

    WAITING = "waiting"  # for a worker process, or for the chunk at hand on its node
    PROVING = "proving"  # variants and models must give equal values
    MEASURING = "measuring"
    FLEET = "fleet"  # its cluster points run as jobs


class Origin(StrEnum):
    FLEET = "fleet"  # somebody started it here
    SAMPLE = "sample"  # the first start did
    IMPORTED = "imported"  # a file of the command line's


class Sweep(Base):
    """Windows over variants x models x worker counts of one workload.

    `plan`, `environment` and `offers` are the instrument's own JSON (dynometer.measure.codec).
    """

    __tablename__ = "sweep"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    workload: Mapped[str]
    name: Mapped[str]  # what people call it; the workload's title at first
    origin: Mapped[Origin] = mapped_column(stored(Origin), default=Origin.FLEET)
    plan: Mapped[str] = mapped_column(Text)
    cluster_workers: Mapped[list[int]] = mapped_column(JSON)  # worker counts of its cluster points
    state: Mapped[SweepState] = mapped_column(stored(SweepState), default=SweepState.QUEUED)
    phase: Mapped[Phase] = mapped_column(stored(Phase), default=Phase.WAITING)
    epoch: Mapped[int] = mapped_column(default=0)  # counts up when the curves begin again; only its events count
    events: Mapped[int] = mapped_column(default=0)  # of all epochs: the number of the newest one
    version: Mapped[int] = mapped_column(default=0)  # counts up with whatever a page shows of it
    spent_s: Mapped[float] = mapped_column(default=0.0)  # of its budget, in this epoch
    remarks: Mapped[list[Any]] = mapped_column(JSON)  # sentences: what happened to it on its way, with the moment
    environment: Mapped[str | None] = mapped_column(Text)  # of the node that measures
    fingerprint: Mapped[str | None]  # of that environment: only its like goes on with the curves
    offers: Mapped[str | None] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(default=0)  # grows with each claim; only the newest holder may record
    attempt: Mapped[int] = mapped_column(default=0)
    node_id: Mapped[int | None]
    node_name: Mapped[str | None]
    slot_pid: Mapped[int | None]  # the worker process on that node
    lease_until: Mapped[float | None]
    rung_at: Mapped[float] = mapped_column(default=now_s())
    created_at: Mapped[float] = mapped_column(default=now_s())
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    ending: Mapped[str | None] = mapped_column(Text)  # one sentence: why it ended as it did
    verdict: Mapped[str | None] = mapped_column(Text)  # once ended; the report's own
    windows: Mapped[int] = mapped_column(default=0)  # that count
    models: Mapped[list[str]] = mapped_column(JSON)  # of its points, in order
    best_model: Mapped[str | None]
    best_workers: Mapped[int | None]
    best_speedup: Mapped[float | None]
    best_low: Mapped[float | None]
    best_high: Mapped[float | None]
    __table_args__ = (
        partial_index("sweep_open", "state", only="state IN ('queued', 'running')"),
        Index("sweep_owner", "owner_id", "id"),
    )


class SweepEvent(Base):
    """A trial, setback, probe or end, as the instrument said it: committed the moment it was said."""

    __tablename__ = "sweep_event"
    sweep_id: Mapped[int] = mapped_column(ForeignKey("sweep.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, ... : one holder at a time counts up
    epoch: Mapped[int]
    kind: Mapped[str]  # trial, setback, probe, ended
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[float] = mapped_column(default=now_s())


class SweepJob(Base):
    """The job that is the present window of a sweep's cluster points; both go when the window is recorded."""

    __tablename__ = "sweep_job"
    sweep_id: Mapped[int] = mapped_column(ForeignKey("sweep.id", ondelete="CASCADE"), primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey(Job.id, ondelete="CASCADE"), index=True)
    workers: Mapped[int]
    block: Mapped[int]
    place: Mapped[int]
    attempt: Mapped[int]
    nodes: Mapped[int]  # worker nodes alive when it began


class SweepShare(Base):
    """A public, read-only link to an ended sweep."""

    __tablename__ = "sweep_share"
    slug: Mapped[str] = mapped_column(primary_key=True)  # random: whoever knows it may read
    sweep_id: Mapped[int] = mapped_column(ForeignKey("sweep.id", ondelete="CASCADE"))
    maker_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[float] = mapped_column(default=now_s())
    revoked_at: Mapped[float | None]
    __table_args__ = (Index("sweep_share_sweep", "sweep_id"),)


class SweepKey(Base):
    """A POST that was answered: the same Idempotency-Key gets the same answer for a day."""

    __tablename__ = "sweep_key"
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    sweep_id: Mapped[int] = mapped_column(ForeignKey("sweep.id", ondelete="CASCADE"))
    created_at: Mapped[float] = mapped_column(default=now_s())
