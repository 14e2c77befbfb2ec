"""A shift: what one Celery message sets off.  Claim, compute, record, claim the next, until the slice is over.

A chunk costs one transaction, not a broker round trip: the outcome is recorded and the next chunk claimed in the
same commit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from sqlalchemy.orm import Session

from settings import Settings
from store import cancellation, chunks, jobs, nodes, one_call
from store.database import Database
from store.situation import has_rivals
from store.values import Claimed, Outcome, Slot
from tasks.context import JobContext, context_of
from tasks.dispatch import claim_fairest, claim_of, cut_and_claim
from tasks.doorbell import Doorbell
from tasks.finish import finish, finish_if_done
from tasks.persistence import persistently
from tasks.run import Runner
from tasks.sizing import Cost, rest_in_pieces
from tasks.solitude import Solitude

SLICE_S = 0.25  # a process stays with one job so long before it looks who is most behind
log = logging.getLogger(__name__)


@dataclass
class Worker:
    """What a worker process works with."""

    settings: Settings
    database: Database
    doorbell: Doorbell
    slot: Slot
    is_stopping: Callable[[], bool] = lambda: False
    drops_chunk: bool = False  # told so by a signal: what it computes was cancelled
    solitude: Solitude = field(init=False)

    def __post_init__(self) -> None:
        self.solitude = Solitude(self.settings)


def work(worker: Worker) -> int:
    """One shift; how many chunks were recorded."""
    if not worker.solitude.come_in():
        return 0  # somebody measures here, and rings for what waits when that is done
    try:
        return work_beside_others(worker)
    finally:
        worker.solitude.leave()


def work_beside_others(worker: Worker) -> int:
    """A shift on a node that nobody has to himself."""
    until = monotonic() + worker.settings.shift_s
    recorded, turned_at = 0, monotonic()
    claimed = persistently(partial(turn, worker))
    while claimed is not None:
        context = context_of(worker.database, claimed.job_id)
        outcome = compute(worker, context, claimed)
        now, is_wanted_alone = monotonic(), worker.solitude.is_wanted()
        is_over = now > until or worker.is_stopping() or is_wanted_alone
        stays = None if is_over else now - turned_at < SLICE_S
        ended = persistently(partial(record_and_claim, worker, context, claimed, outcome, stays))
        recorded += ended.kept
        after_commit(worker, context, claimed, ended)
        if is_wanted_alone:
            break
        if is_over and not worker.doorbell.ring(claimed.job_id) and not worker.is_stopping():
            is_over, until = False, monotonic() + worker.settings.shift_s  # no broker: nobody else would come
        following = ended.following
        if following is None and not is_over:
            following = persistently(partial(turn, worker, claimed.job_id, cost_of(outcome)))
            turned_at = monotonic()
        claimed = following
    return recorded


def turn(worker: Worker, from_job: int | None = None, cost: Cost | None = None) -> Claimed | None:
    """A chunk of the job that is most behind, in a transaction of its own: it may lock the rows of several jobs."""
    with worker.database.writing() as session:
        return claim_fairest(session, worker.slot, worker.settings, cost, from_job)


def compute(worker: Worker, context: JobContext, claimed: Claimed) -> Outcome:
    """Run a claimed chunk's items, or as many as its budget allows."""
    worker.drops_chunk = False
    most, limit_s = worker.settings.value_max_bytes, worker.settings.item_time_limit_s
    runner = Runner(context.call, context.combine, most, limit_s, lambda: worker.is_stopping() or worker.drops_chunk)
    items = context.items(claimed.first_item, claimed.item_count)
    return runner.run(items, claimed.item_count, claimed.budget_s)


@dataclass(frozen=True)
class Ended:
    """What recording an outcome came to."""

    kept: bool
    following: Claimed | None = None
    rings: int = 0  # idle processes to wake, as there is work for them
    is_last: bool = False  # no item of the job is left


def record_and_claim(
    worker: Worker, context: JobContext, claimed: Claimed, outcome: Outcome, stays: bool | None
) -> Ended:
    """Keep the outcome, give back what was not run, claim the job's next chunk.

    An outcome whose chunk went to another process meanwhile is dropped.  `stays`: go on with this job (True), go on
    unless another job is open (False), claim nothing (None).
    """
    goes_on = stays is not None and context.max_workers is None
    if goes_on and outcome.items_run == claimed.item_count:
        return record_whole(worker, claimed, outcome, stays=bool(stays))
    following, rings = None, 0
    with worker.database.writing() as session:
        kept = chunks.record(session, claimed, outcome, worker.slot)
        if kept and outcome.items_run < claimed.item_count:
            rings = give_rest_back(session, worker, claimed, outcome, goes_on=goes_on)
        if goes_on and (stays or not has_rivals(session, claimed.job_id)):
            following = claim_of(session, claimed.job_id, worker.slot, worker.settings, cost_of(outcome))
    return Ended(kept, following, rings)


def record_whole(worker: Worker, claimed: Claimed, outcome: Outcome, *, stays: bool) -> Ended:
    """The usual case in one round trip; only when no chunk is ready, a second transaction cuts some."""
    lease_s = worker.settings.lease_s
    done = one_call.record_and_claim(worker.database, claimed, outcome, worker.slot, lease_s, stays=stays)
    following = done.following
    if following is None and done.uncut and not done.yields:
        with worker.database.writing() as session:
            following = cut_and_claim(session, claimed.job_id, worker.slot, worker.settings, cost_of(outcome))
    return Ended(done.was_kept, following, is_last=following is None and not done.uncut and not done.still_open)


def cost_of(outcome: Outcome) -> Cost:
    """Seconds and bytes of one item of this outcome."""
    return Cost(outcome.busy_s / outcome.items_run, len(outcome.values) / outcome.items_run)


def give_rest_back(session: Session, worker: Worker, claimed: Claimed, outcome: Outcome, *, goes_on: bool) -> int:
    """The items that did not fit the budget become ready chunks; how many other, idle processes could take some."""
    first, rest = claimed.first_item + outcome.items_run, claimed.item_count - outcome.items_run
    slots, left = max(1, nodes.slots_alive(session)), rest + jobs.items_uncut(session, claimed.job_id)
    pieces = rest_in_pieces(first, rest, left, slots, cost_of(outcome), worker.settings.chunk_target_s)
    chunks.add(session, claimed.job_id, pieces)
    return min(len(pieces) - goes_on, max(0, nodes.slots_idle(session) - goes_on))  # this one holds no chunk just now


def after_commit(worker: Worker, context: JobContext, claimed: Claimed, ended: Ended) -> None:
    """Wake others when there is work for them; fold the combined value; end the job when this was its last chunk."""
    limit_s = worker.settings.item_time_limit_s
    if not ended.kept:
        persistently(partial(drop, worker, claimed))
    if ended.rings:
        worker.doorbell.ring(claimed.job_id, ended.rings)
    if ended.following is None:
        ends = finish if ended.is_last else finish_if_done
        if persistently(partial(ends, worker.database, claimed.job_id, limit_s)):
            return
    context.fold_now_and_then(worker.database, claimed.job_id, limit_s)


def drop(worker: Worker, claimed: Claimed) -> None:
    """Forget an outcome whose chunk is another's by now, or was cancelled."""
    log.warning("Chunk %s of job %s went to another process, or was cancelled; its outcome here is dropped.",
                claimed.first_item, claimed.job_id)  # fmt: skip
    with worker.database.writing() as session:
        cancellation.leave_cancelled(session, claimed, worker.slot.pid)
