"""Record a chunk and claim the next: on PostgreSQL one call of a function, a transaction of its own.

Of a small chunk's cost most is round trips and the planning of statements; the function (migration 0002) keeps its
plans.  SQLite has neither cost, and runs the statements of `store.chunks` one after the other.
"""

from dataclasses import dataclass

from sqlalchemy import text

from store import chunks
from store.database import Database
from store.situation import has_rivals
from store.values import Claimed, Outcome, Slot, as_json

_CALL = """
SELECT was_kept, yields, uncut, still_open, next_item, next_count, next_fence, next_attempt, next_budget
FROM dynometer_record_and_claim(
    %(job)s, %(first)s, %(fence)s, %(run)s, %(busy)s, %(failed)s, %(values)s, %(errors)s::json, %(partial)s::json,
    %(node)s, %(slot)s, %(pid)s, %(lease)s, %(stays)s)
"""
_LEFT = text("SELECT items_total - next_item FROM job WHERE id = :job")


@dataclass(frozen=True)
class Recorded:
    """What recording came to.  The last two say what was left of the job when nothing was claimed."""

    was_kept: bool
    yields: bool  # another job is open, so nothing of this one was claimed
    following: Claimed | None
    uncut: int = 0  # items in no chunk
    still_open: int = 0  # chunks ready or running; another's last one may be ending in this moment


def record_and_claim(
    database: Database, claimed: Claimed, outcome: Outcome, slot: Slot, lease_s: float, *, stays: bool
) -> Recorded:
    """Keep the outcome of a whole chunk and claim the next ready one of its job, in one transaction.

    Unless it `stays`, the process claims nothing while another job is open.
    """
    if database.engine.dialect.name == "postgresql":
        return _by_function(database, claimed, outcome, slot, lease_s, stays)
    job_id = claimed.job_id
    with database.writing() as session:
        was_kept = chunks.record(session, claimed, outcome, slot)
        yields = not stays and has_rivals(session, job_id)
        following = None if yields else chunks.claim(session, job_id, slot, lease_s)
        if following:
            return Recorded(was_kept, yields, following)
        opened = chunks.open_of(session, job_id)
        uncut = int(session.execute(_LEFT, {"job": job_id}).scalar_one())
        return Recorded(was_kept, yields, None, uncut, opened.ready + opened.running)


def _by_function(
    database: Database, claimed: Claimed, outcome: Outcome, slot: Slot, lease_s: float, stays: bool
) -> Recorded:
    given = {
        "job": claimed.job_id, "first": claimed.first_item, "fence": claimed.fence, "run": outcome.items_run,
        "busy": outcome.busy_s, "failed": len(outcome.errors), "values": outcome.values,
        "errors": as_json({str(place): why for place, why in outcome.errors.items()} or None),
        "partial": as_json(outcome.partial), "node": slot.node_id, "slot": slot.index, "pid": slot.pid,
        "lease": lease_s, "stays": stays,
    }  # fmt: skip
    # not in autocommit: SQLAlchemy loses a pooled connection that is cut before its isolation level is set back
    with database.transaction() as connection:
        was_kept, yields, uncut, still_open, *following = connection.exec_driver_sql(_CALL, given).one()
    if following[0] is not None:
        return Recorded(was_kept, yields, Claimed(claimed.job_id, *following))
    return Recorded(was_kept, yields, None, uncut, still_open)
