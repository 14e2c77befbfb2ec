"""The tables of jobs and of the fleet that computes them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.account_models import User
from store.database import now_s
from store.tables import Base, BigId, partial_index, stored


class JobState(StrEnum):
    QUEUED = "queued"  # admitted, no chunk claimed yet
    RUNNING = "running"
    SUCCEEDED = "succeeded"  # every item has its value
    PARTIAL = "partial"  # ended; some items have an error in place of a value
    FAILED = "failed"  # ended; no item has a value
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


class ChunkState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"  # ended its worker process too often; its items have no value
    CANCELLED = "cancelled"


class Job(Base):
    """A workload applied to N items on the fleet."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    workload: Mapped[str]
    variant: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    items_total: Mapped[int] = mapped_column(BigInteger)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))  # None: the workload generates its items
    max_workers: Mapped[int | None]
    chunk_items: Mapped[int | None]  # a fixed chunk size; None: found by measuring
    state: Mapped[JobState] = mapped_column(stored(JobState), default=JobState.QUEUED)
    next_item: Mapped[int] = mapped_column(BigInteger, default=0)  # the first item that no chunk holds yet
    served_at: Mapped[float | None]  # last picked by a worker process: the longest unserved goes first
    rung_at: Mapped[float] = mapped_column(default=now_s())
    created_at: Mapped[float] = mapped_column(default=now_s())
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # the combined value, once ended
    failure: Mapped[str | None] = mapped_column(Text)  # one sentence for the user: why it is not SUCCEEDED
    __table_args__ = (
        partial_index("job_open", "state", only="state IN ('queued', 'running')"),
        Index("job_owner", "owner_id", "id"),
    )


class Chunk(Base):
    """A run of consecutive items of a job: the unit that is claimed, computed and recorded."""

    __tablename__ = "chunk"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    first_item: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_count: Mapped[int]
    state: Mapped[ChunkState] = mapped_column(stored(ChunkState), default=ChunkState.READY)
    fence: Mapped[int] = mapped_column(default=0)  # grows with each claim; only the newest holder may record
    attempt: Mapped[int] = mapped_column(default=0)
    node_id: Mapped[int | None]
    slot_pid: Mapped[int | None]  # the worker process on that node; of a cancelled chunk: that still computes it
    budget_s: Mapped[float]  # when it takes longer, the rest of it goes back for others
    lease_until: Mapped[float | None]
    done_at: Mapped[float | None]
    busy_s: Mapped[float | None]  # time in the workload's function
    items_failed: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        partial_index("chunk_open", "job_id", "state", "first_item", only="state IN ('ready', 'running')"),
        partial_index("chunk_held", "node_id", only="state = 'running'"),
        partial_index("chunk_done", "job_id", "done_at", only="state = 'done'"),
        partial_index("chunk_cancelled", "node_id", only="state = 'cancelled' AND slot_pid IS NOT NULL"),
    )


class ChunkResult(Base):
    """The values of a chunk's items, in order."""

    __tablename__ = "chunk_result"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    first_item: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    values: Mapped[str] = mapped_column(Text)  # a JSON array; null where an item failed
    errors: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # place in the chunk -> sentence


class ChunkPartial(Base):
    """A chunk's part of the combined value, until it is folded into `JobPartial`."""

    __tablename__ = "chunk_partial"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    first_item: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    partial: Mapped[Any] = mapped_column(JSON)


class JobPartial(Base):
    """What a job's finished chunks combine to so far."""

    __tablename__ = "job_partial"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    partial: Mapped[Any] = mapped_column(JSON)
    folded_at: Mapped[float]
    folds: Mapped[int]  # counts up: who merged from an older one has merged in vain
    tries: Mapped[int]  # how often somebody began to combine for the verdict
    tried_at: Mapped[float]  # or folded, whichever was later


class JobShare(Base):
    """What one worker process did of a job: a counter of its own, as one shared row would be the bottleneck."""

    __tablename__ = "job_share"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    node_id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    items_done: Mapped[int] = mapped_column(BigInteger)
    items_failed: Mapped[int] = mapped_column(BigInteger)
    chunks_done: Mapped[int] = mapped_column(BigInteger)
    busy_s: Mapped[float]


class Upload(Base):
    """Items that a user sent."""

    __tablename__ = "upload"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    workload: Mapped[str]
    name: Mapped[str]  # what the user called the file; shown, never used as a path
    items: Mapped[int] = mapped_column(BigInteger, default=0)
    stored_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # of its blocks, as they are kept
    is_complete: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float] = mapped_column(default=now_s())
    __table_args__ = (Index("upload_owner", "owner_id"),)


class UploadBlock(Base):
    """Some consecutive items of an upload, as compressed JSON lines."""

    __tablename__ = "upload_block"
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    first_item: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lines: Mapped[bytes] = mapped_column(LargeBinary)


class NodeState(StrEnum):
    JOINED = "joined"
    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"  # finishes what it holds, claims nothing
    LOST = "lost"
    LEFT = "left"

    @property
    def is_alive(self) -> bool:
        return self not in (NodeState.LOST, NodeState.LEFT)


class Node(Base):
    """A member of the fleet.  One that returns under its name is the same node, unless that lives on another host."""

    __tablename__ = "node"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]  # web or worker
    host: Mapped[str]
    pid: Mapped[int]  # of the node's main process; with `host`, tells a twin from a return
    slots: Mapped[int]
    state: Mapped[NodeState] = mapped_column(stored(NodeState), default=NodeState.JOINED)
    cpus_usable: Mapped[float]
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    versions: Mapped[dict[str, Any]]
    workloads: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # keys of what it can compute
    joined_at: Mapped[float] = mapped_column(default=now_s())
    seen_at: Mapped[float] = mapped_column(default=now_s())


class Lease(Base):
    """A duty that one process at a time does."""

    __tablename__ = "lease"
    duty: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[float]


class IdempotencyKey(Base):
    """A POST that was answered: the same key gets the same answer for a day."""

    __tablename__ = "idempotency_key"
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    created_at: Mapped[float] = mapped_column(default=now_s())
