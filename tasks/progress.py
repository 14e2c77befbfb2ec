"""How far a job is, from its counters: a few short reads, whatever its size."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store import chunks, jobs
from store.database import now_s
from store.models import Job, JobState
from tasks.shown import value_of

RECENT_S = 10.0
LAST_CHUNKS = 32  # whose rates tell how uneven the items are


@dataclass(frozen=True)
class Interval:
    """A range of seconds."""

    low_s: float
    high_s: float


@dataclass(frozen=True)
class Share:
    """What one node did of a job."""

    node: str
    items_done: int
    chunks_done: int
    busy_s: float


@dataclass(frozen=True)
class JobProgress:
    """A job at one moment.  `items_done` has the failed ones in it; rates are items per second."""

    state: JobState
    items_total: int
    items_done: int
    items_failed: int
    chunks: Mapping[str, int]
    throughput_per_s: float | None  # over the last 10 s while running, over all when ended
    mean_throughput_per_s: float | None
    eta_s: Interval | None
    elapsed_s: float
    shares: tuple[Share, ...]
    value: Any  # combined so far, or the final one
    sentence: str | None
    version: str  # changes when anything else here does but the clock: an ETag


def progress_of(session: Session, job: Job) -> JobProgress:
    """The job's progress now: seven indexed reads, none of which grows with the number of items."""
    done = jobs.totals(session, job.id)
    opened = chunks.open_of(session, job.id)
    dead = jobs.count_dead(session, job.id)
    now = float(session.scalar(select(now_s())) or 0.0)
    began = job.started_at or job.created_at
    elapsed_s = max(0.0, (job.ended_at or now) - began) if job.started_at else 0.0
    mean = done.items_done / elapsed_s if elapsed_s > 0 and done.items_done else None
    recent = None if job.state.is_final or not job.started_at else recent_rate(session, job.id, elapsed_s)
    rates = () if recent is None else jobs.last_chunk_rates(session, job.id, LAST_CHUNKS)
    value, sentence = value_of(session, job)
    shares = tuple(Share(*row) for row in jobs.shares(session, job.id))
    counts = {"ready": opened.ready, "running": opened.running, "done": done.chunks_done - dead, "dead": dead}
    return JobProgress(
        state=job.state, items_total=job.items_total, items_done=done.items_done, items_failed=done.items_failed,
        chunks=counts, throughput_per_s=recent if recent is not None else mean, mean_throughput_per_s=mean,
        eta_s=None if job.state.is_final else eta(job.items_total - done.items_done, recent, mean, rates),
        elapsed_s=elapsed_s, shares=shares, value=value, sentence=sentence,
        version=version_of(job, done, counts, value),
    )  # fmt: skip


def recent_rate(session: Session, job_id: int, elapsed_s: float) -> float | None:
    """Items per second over the last ten seconds, or since the start."""
    window_s = min(RECENT_S, elapsed_s)
    return jobs.items_done_since(session, job_id, window_s) / window_s if window_s >= 1 else None


def eta(left: int, recent: float | None, mean: float | None, chunk_rates: Sequence[float] = ()) -> Interval | None:
    """Seconds until `left` items are done: between the recent rate and the mean one, a tenth wider on both sides.

    Wider by as much as the last chunks differed in items per second: what is left may be like the dear ones among
    them, or like the cheap ones.
    """
    rates = [rate for rate in (recent, mean) if rate]
    if not rates or left <= 0:
        return None
    slow, fast = spread(chunk_rates)
    return Interval(0.9 * left / (max(rates) * fast), 1.1 * left / (min(rates) * slow))


def spread(rates: Sequence[float]) -> tuple[float, float]:
    """The lower and the upper quartile of positive `rates`, as shares of their median; of few, the least and most."""
    if len(rates) < 2:
        return 1.0, 1.0
    middle = median(rates)
    low, _, high = quantiles(rates, n=4) if len(rates) >= 4 else (min(rates), middle, max(rates))
    return low / middle, high / middle


def version_of(job: Job, done: jobs.Totals, counts: Mapping[str, int], value: Any) -> str:
    """Equal for equal progress."""
    seen = (job.id, job.state.value, job.ended_at, done.items_done, done.items_failed, sorted(counts.items()), value)
    return hashlib.blake2b(repr(seen).encode(), digest_size=12).hexdigest()
