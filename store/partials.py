"""The combined value as it grows: parts of chunks, folded into the job's one.

What merges them is users' code.  It runs in no transaction and holds no lock: what it made is kept only if nobody else
has folded meanwhile.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.database import Database, now_s
from store.models import ChunkPartial, JobPartial

FOLD_CHUNKS = 500
TRY_S = 20.0
_NEW = {"partial": None, "folded_at": 0.0, "folds": 0, "tries": 0, "tried_at": 0.0}


class Folded(NamedTuple):
    """What a job's chunks combined to at the last fold."""

    partial: Any = None
    folds: int = 0
    age_s: float = float("inf")


def partial_of(session: Session, job_id: int) -> Any:
    """What the job's chunks combine to so far; None before the first fold."""
    return session.scalar(select(JobPartial.partial).where(JobPartial.job_id == job_id))


def has_partials(session: Session, job_id: int) -> bool:
    """Whether some partials wait to be folded."""
    waiting = select(ChunkPartial.job_id).where(ChunkPartial.job_id == job_id).limit(1)
    return session.scalar(waiting) is not None


def fold(database: Database, job_id: int, merge: Callable[[Any, Any], Any], min_age_s: float = 0.0) -> bool:
    """Merge the partials that came since the last fold, some hundred at most; whether there were any and it is kept.

    Does nothing when it was folded less than `min_age_s` ago.  A partial goes in the transaction that keeps what it
    was merged into, so it counts once.  Raises what `merge` raises, and nothing is lost.
    """
    with database.reading() as session:
        seen = _last_fold(session, job_id)
        is_young = 0 <= seen.age_s < min_age_s  # below 0: the clock was set back since, and nobody waits for that
        parts = {} if is_young else _oldest_parts(session, job_id)
    if not parts:
        return False
    merged = seen.partial
    for part in parts.values():
        merged = part if merged is None else merge(merged, part)
    with database.writing() as session:
        if not _keep(session, job_id, seen.folds, merged):
            return False
        taken = delete(ChunkPartial).where(ChunkPartial.job_id == job_id, ChunkPartial.first_item.in_(parts))
        session.execute(taken.execution_options(synchronize_session=False))
    return True


def begin_try(database: Database, job_id: int) -> int | None:
    """How often somebody has begun to combine all parts for the verdict, this time among them; None: it's not our turn.

    Whoever began has 20 s without a fold, then 80 s, 180 s and so on, before another takes over.
    """
    with database.writing() as session:
        _have_row(session, job_id)
        is_free = JobPartial.tried_at < now_s() - TRY_S * JobPartial.tries * JobPartial.tries
        ours = update(JobPartial).where(JobPartial.job_id == job_id, is_free)
        ours = ours.values(tries=JobPartial.tries + 1, tried_at=now_s())
        return session.scalars(ours.returning(JobPartial.tries)).one_or_none()


def _last_fold(session: Session, job_id: int) -> Folded:
    columns = JobPartial.partial, JobPartial.folds, now_s() - JobPartial.folded_at
    row = session.execute(select(*columns).where(JobPartial.job_id == job_id)).first()
    return Folded(*row) if row else Folded()


def _oldest_parts(session: Session, job_id: int) -> dict[int, Any]:
    parts = select(ChunkPartial.first_item, ChunkPartial.partial).where(ChunkPartial.job_id == job_id)
    found = session.execute(parts.order_by(ChunkPartial.first_item).limit(FOLD_CHUNKS))
    return {row.first_item: row.partial for row in found}


def _keep(session: Session, job_id: int, folds: int, merged: Any) -> bool:
    """False when another fold came in between."""
    _have_row(session, job_id)
    kept = update(JobPartial).where(JobPartial.job_id == job_id, JobPartial.folds == folds)
    values = {"partial": merged, "folds": folds + 1, "folded_at": now_s(), "tried_at": now_s()}
    return session.connection().execute(kept.values(values)).rowcount == 1


def _have_row(session: Session, job_id: int) -> None:
    connection = session.connection()
    connection.execute(_new_row[connection.dialect.name], {"job_id": job_id, **_NEW})


_new_row = {
    "postgresql": postgresql.insert(JobPartial).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(JobPartial).on_conflict_do_nothing(),
}
