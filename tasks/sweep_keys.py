"""Idempotency-Keys of sweeps that come in whole: the same key and body lead to the same sweep for a day."""

from sqlalchemy.orm import Session

from store import quotas, sweeps
from store.sweep_models import SweepKey
from tasks.jobs import KeyReused


def sweep_by_key(session: Session, owner_id: int, key: str, request_hash: str) -> int | None:
    """The sweep that the key led to; holds the owner's row.  Raises KeyReused when it was another request's."""
    quotas.hold_owner(session, owner_id)
    known = sweeps.key_of(session, owner_id, key)
    if known is None:
        return None
    if known.request_hash != request_hash:
        raise KeyReused(hint="Send a new key with a new request; nothing was kept.")
    return known.sweep_id


def keep_key(session: Session, owner_id: int, key: str, request_hash: str, sweep_id: int) -> None:
    """Remember what the key led to, in the transaction that made it."""
    session.add(SweepKey(owner_id=owner_id, key=key, request_hash=request_hash, sweep_id=sweep_id))
    session.flush()
