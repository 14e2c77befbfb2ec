"""What keeps promises when processes do not: done by one worker node at a time, whoever holds the lease.

Nothing here runs users' code, which may hang or break: a job that only lacks its verdict is rung for, and a worker
process gives it.
"""

import logging
import socket

from sqlalchemy.orm import Session

from settings import Settings
from store import cancellation, chunks, fairness, guesses, jobs, nodes, sign_ins, sweeps, uploads
from store.chunks import MAX_ATTEMPTS
from store.database import Database
from store.models import Chunk, JobState
from tasks import sweep_care
from tasks.advance import advance
from tasks.doorbell import Doorbell

UNUSED_UPLOAD_S = KEY_LIFE_S = 86_400.0
UNKNOWN_LEASES = 4  # for so many lease times a job waits for a node that knows its workload
UNKNOWN = "No worker node knows the workload {}: install the package that brings it on every node, and start a new job."
MOST_RUNG = 20  # jobs rung for in one round; the others have their turn later
log = logging.getLogger(__name__)


def keep_house(database: Database, doorbell: Doorbell, settings: Settings, *, recovers: bool) -> bool:
    """One round, if this process holds or gets the housekeeper's lease.

    `recovers` is False while silence proves nothing: for a whole lease after the database was away, nobody is blamed
    for what nobody could prolong.  Such a process rings, and leaves the lease to the first one that may recover.
    """
    keeps_s = settings.heartbeat_s * 2
    keeper = f"{settings.node_name}@{socket.gethostname()}"  # a name may live on two hosts
    with database.writing() as session:
        if not nodes.take_lease(session, "housekeeper", keeper, for_s=keeps_s if recovers else 0.0, longest_s=keeps_s):
            return False
        lost = nodes.mark_silent_lost(session, settings.lost_after_s) if recovers else []
    for name in lost:
        log.warning("Node %s has been silent for %g s and is lost.", name, settings.lost_after_s)
    for job_id in recover_expired(database, settings.lease_s) if recovers else ():
        if not advance(database, doorbell, job_id):
            break
    end_leftovers(database)
    end_unknown(database, settings)
    ring_again(database, doorbell, settings)
    if recovers:
        sweep_care.free_expired(database, doorbell)
    sweep_care.wake(database, doorbell, settings.ring_again_s)
    prune(database)
    return True


def recover_expired(database: Database, lease_s: float) -> set[int]:
    """Put chunks back whose holder was silent for a whole lease; the jobs they belong to."""
    with database.writing() as session:
        expired = session.scalars(chunks.expired(lease_s)).all()
        for chunk in expired:
            recover(session, chunk)
    return {chunk.job_id for chunk in expired}


def recover(session: Session, chunk: Chunk) -> None:
    """Another try for a chunk whose process died, or none after the third."""
    if chunk.attempt >= MAX_ATTEMPTS:
        chunks.bury(session, chunk)
        log.error("Chunk %s of job %s ended its process %s times and is given up.",
                  chunk.first_item, chunk.job_id, chunk.attempt)  # fmt: skip
    else:
        chunks.retry(session, chunk)
        log.warning("Chunk %s of job %s lost its process and goes back.", chunk.first_item, chunk.job_id)


def end_leftovers(database: Database) -> None:
    """Cancel what is still open of ended jobs.

    Pieces that were cut while a cancellation ran escape it, and so does all when its process dies half-way.
    """
    with database.writing() as session:
        left = cancellation.cancel_leftovers(session)
        cancellation.forget_on_gone_nodes(session)
    if left:
        log.info("%s chunks were still open though their jobs had ended; they are cancelled.", left)


def ring_again(database: Database, doorbell: Doorbell, settings: Settings) -> None:
    """Ring for what nobody has taken up for a while: the broker may have lost the message."""
    with database.reading() as session:
        waiting = list(jobs.cut_up_job_ids(session))
        if nodes.slots_idle(session):  # else all look for their next chunk themselves, and messages would pile up
            waiting += fairness.fairest_jobs(session, MOST_RUNG)
    for job_id in waiting:
        with database.writing() as session:
            is_our_turn = jobs.take_turn_to_ring(session, job_id, settings.ring_again_s)
        if is_our_turn and not advance(database, doorbell, job_id):
            return


def end_unknown(database: Database, settings: Settings) -> None:
    """End jobs whose workload no living node has: after a while, as nodes of the next version may be on their way."""
    with database.writing() as session:
        waiting = jobs.waiting_workloads(session, UNKNOWN_LEASES * settings.lease_s)
        known = nodes.known_workloads(session) if waiting else frozenset()
        for job_id, workload in waiting.items() if known else ():
            if workload not in known:
                jobs.end(session, job_id, JobState.FAILED, UNKNOWN.format(workload))
                cancellation.cancel_open(session, job_id)


def prune(database: Database) -> None:
    """Forget what nobody will ask for any more."""
    with database.writing() as session:
        uploads.prune_uploads(session, UNUSED_UPLOAD_S)
        keys_pruned = jobs.prune_idempotency_keys(session, KEY_LIFE_S)
        sign_ins.prune(session)
        guesses.prune(session)
        sweeps.prune_keys(session, KEY_LIFE_S)
    if keys_pruned:
        log.info("%s idempotency keys were a day old and are forgotten.", keys_pruned)
