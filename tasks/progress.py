"""How far a job is, from its counters: a few short reads, whatever its size."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from sqlalchemy.orm import Session

from store import jobs
from store.job_progress import Moment, moment_of
from store.models import Job, JobState
from tasks.shown import value_of
from tasks.throughput import natural

RECENT_S = 10.0


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
    """The job's progress now: one statement, whatever the number of items, and the value when it is new."""
    moment = moment_of(session, job.id, RECENT_S)
    done = moment.totals
    began = job.started_at or job.created_at
    elapsed_s = max(0.0, (job.ended_at or moment.now_s) - began) if job.started_at else 0.0
    mean = done.items_done / elapsed_s if elapsed_s > 0 and done.items_done else None
    window_s = 0.0 if job.state.is_final else min(RECENT_S, elapsed_s)
    recent = moment.items_lately / window_s if window_s >= 1 else None
    rates = () if recent is None else moment.chunk_rates
    value, sentence = value_of(session, job, moment.folded_at)
    counts = {"ready": moment.ready, "running": moment.running, "done": done.chunks_done - moment.dead,
              "dead": moment.dead}  # fmt: skip
    return JobProgress(
        state=job.state, items_total=job.items_total, items_done=done.items_done, items_failed=done.items_failed,
        chunks=counts, throughput_per_s=recent if recent is not None else mean, mean_throughput_per_s=mean,
        eta_s=None if job.state.is_final else eta(job.items_total - done.items_done, recent, mean, rates),
        elapsed_s=elapsed_s, shares=shares_of(moment), value=value, sentence=sentence,
        version=version_of(job, done, counts, value),
    )  # fmt: skip


def shares_of(moment: Moment) -> tuple[Share, ...]:
    """By name, worker.2 before worker.10."""
    named = (Share(each.node, each.items_done, each.chunks_done, each.busy_s) for each in moment.nodes if each.node)
    return tuple(sorted(named, key=lambda share: natural(share.node)))


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
