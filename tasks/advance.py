"""Getting a job going: wakes the worker processes that could take part."""

from sqlalchemy.orm import Session

from store import chunks, jobs, nodes
from store.database import Database
from tasks.doorbell import Doorbell


def advance(database: Database, doorbell: Doorbell, job_id: int) -> bool:
    """Wake as many idle worker processes as the job has work for, or one when it only lacks its verdict.

    False when the broker is away: who has other jobs to ring for need not try.  Idempotent.  Chunks are cut by the
    process that claims them: a thousand waiting jobs take no chunk rows and no broker memory, and no process waits
    for another to cut.  Nor does this run users' code, as a verdict may: pages and stewards call it.
    """
    with database.reading() as session:
        rings = useful_rings(session, job_id) or int(jobs.only_lacks_verdict(session, job_id))
    return not rings or doorbell.ring(job_id, rings)


def useful_rings(session: Session, job_id: int) -> int:
    """How many more processes could work on the job: at least one when nobody does and it has work."""
    job = jobs.job_of(session, job_id)
    if job is None or job.state.is_final:
        return 0
    opened = chunks.open_of(session, job_id)
    work = opened.ready + job.items_total - job.next_item
    if work == 0:
        return 0
    room = work if job.max_workers is None else max(0, job.max_workers - opened.running)
    return max(1 if opened.running == 0 else 0, min(work, room, nodes.slots_idle(session)))
