"""Sweeps as programs list them: newest first, a page at a time along the key."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.sweep_models import Sweep, SweepState


def newest_sweeps(
    session: Session, owner_id: int | None, limit: int, before_id: int | None = None, *,
    states: Collection[SweepState] = (), workload: str = "",
) -> Sequence[Sweep]:  # fmt: skip
    """Of one owner or of all; `before_id` is the page's cursor."""
    newest = select(Sweep).order_by(Sweep.id.desc()).limit(limit)
    if owner_id is not None:
        newest = newest.where(Sweep.owner_id == owner_id)
    if before_id is not None:
        newest = newest.where(Sweep.id < before_id)
    if states:
        newest = newest.where(Sweep.state.in_(states))
    if workload:
        newest = newest.where(Sweep.workload == workload)
    return session.scalars(newest).all()
