"""Which chunk a free worker process takes next, cut when none is ready."""

from sqlalchemy.orm import Session

from dynometer.workloads import all_workloads
from settings import Settings
from store import chunks, fairness, jobs
from store.situation import Situation, situation
from store.values import Claimed, Piece, Slot
from tasks.sizing import Cost, next_pieces, window

CANDIDATES, LOOKS = 3, 8
FIXED_BUDGET_S = 10.0  # of a chunk of fixed size: it's for measurements, and must not hold a process for hours


def claim_fairest(
    session: Session, slot: Slot, settings: Settings, cost: Cost | None = None, of_job: int | None = None
) -> Claimed | None:
    """A chunk of the job that is most behind its fair share; None when no job has work for this process.

    `cost` is what the caller has just measured on the job `of_job`.  A try that gives nothing is rolled back: its
    lock on the job's row would meet, in another order, the lock of a process that tries the same jobs.  Many
    processes that look at once see the same jobs, and most of them lose the first ones: they look again.
    """
    for _ in range(LOOKS):
        candidates = fairness.fairest_jobs(session, CANDIDATES, all_workloads())
        for job_id in candidates:
            with session.begin_nested() as attempt:
                if has_room(session, job_id):
                    known = cost if job_id == of_job else None
                    if claimed := claim_of(session, job_id, slot, settings, known):
                        fairness.mark_served(session, job_id)
                        return claimed
                attempt.rollback()
        if not candidates:
            break
    return None


def has_room(session: Session, job_id: int) -> bool:
    """Whether one more process may work on the job.

    With a limit, the job's row is held until the commit: else two processes would count the same room.
    """
    job = jobs.job_of(session, job_id)
    if job is None or job.max_workers is None:
        return job is not None
    jobs.locked_job(session, job_id)
    return chunks.open_of(session, job_id).running < job.max_workers


def claim_of(session: Session, job_id: int, slot: Slot, settings: Settings, cost: Cost | None) -> Claimed | None:
    """A chunk of this job: a ready one, else one cut for it."""
    if claimed := chunks.claim(session, job_id, slot, settings.lease_s):
        return claimed
    return cut_and_claim(session, job_id, slot, settings, cost)


def cut_and_claim(session: Session, job_id: int, slot: Slot, settings: Settings, cost: Cost | None) -> Claimed | None:
    """A chunk cut for this process, or by whoever it waited for; None when all of the job is cut and taken."""
    if jobs.items_uncut(session, job_id) == 0:
        return None
    cut(session, job_id, settings, cost)
    return chunks.claim(session, job_id, slot, settings.lease_s)


def cut(session: Session, job_id: int, settings: Settings, cost: Cost | None) -> int:
    """Fill the job's window of open chunks; how many came.  Holds the job's row until the transaction ends.

    `cost` is what the caller has just measured; the job's mean so far steadies it.
    """
    job = jobs.locked_job(session, job_id)
    if job is None or job.state.is_final or job.next_item >= job.items_total:
        return 0
    now = situation(session, job_id)
    known = steadied(now, cost)
    chunk_s = job.chunk_items * known.item_s if job.chunk_items and known else settings.chunk_target_s
    wanted = window(now.slots, job.max_workers, chunk_s) - now.ready - now.running
    if wanted <= 0:
        return 0
    sharing = min(now.slots, job.max_workers or now.slots)
    left = job.items_total - job.next_item
    if job.chunk_items:
        pieces = fixed_pieces(job.next_item, left, wanted, job.chunk_items)
    else:
        pieces = next_pieces(job.next_item, left, wanted if known else sharing, sharing, known, settings.chunk_target_s)
    chunks.add(session, job_id, pieces)
    job.next_item = pieces[-1].first_item + pieces[-1].item_count
    session.flush()
    return len(pieces)


def steadied(now: Situation, cost: Cost | None) -> Cost | None:
    """The mean of the job's own cost so far and the newest measurement; either alone when the other is missing."""
    if now.items_done == 0 or now.busy_s == 0:
        return cost
    mean_s = now.busy_s / now.items_done
    return Cost((mean_s + cost.item_s) / 2, cost.item_bytes) if cost else Cost(mean_s, 0.0)


def fixed_pieces(first: int, left: int, wanted: int, size: int) -> list[Piece]:
    """At most `wanted` chunks of `size` items, with a generous budget."""
    starts = range(first, first + min(left, wanted * size), size)
    return [Piece(start, min(size, first + left - start), FIXED_BUDGET_S) for start in starts]
