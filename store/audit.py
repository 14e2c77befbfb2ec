"""The audit log: who did what, to what, from where.  Entries are added and read; the database refuses the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from store.account_models import AuditEntry
from store.database import Database

ACTIONS = {  # the word that is kept, and what a page says for it
    "account-made": "made the account",
    "signed-in": "signed in",
    "signed-out": "signed out",
    "sign-in-refused": "sign-in refused",
    "session-ended": "ended a session",
    "password-changed": "changed the password",
    "reset-link-made": "made a link to a new password",
    "second-factor-added": "added a second factor",
    "second-factor-removed": "removed the second factor",
    "passkey-added": "added a passkey",
    "passkey-removed": "removed a passkey",
    "invitation-made": "made an invitation",
    "invitation-revoked": "revoked an invitation",
    "invitation-used": "joined by an invitation",
    "role-changed": "changed the role",
    "account-disabled": "disabled the account",
    "account-enabled": "enabled the account",
    "token-made": "made a token",
    "token-revoked": "revoked a token",
    "quota-changed": "changed the limits",
    "job-started": "started a job",
    "job-cancelled": "cancelled a job",
    "results-exported": "exported results",
    "sweep-started": "started a sweep",
    "sweep-cancelled": "cancelled a sweep",
    "sweep-imported": "imported a sweep",
    "share-made": "made a public link",
    "share-revoked": "revoked a public link",
    "audit-exported": "exported the audit log",
}
BATCH = 500


@dataclass(frozen=True)
class Wanted:
    """Which entries; what is empty or None wants all."""

    who: str = ""  # part of the actor's address, in any letter case
    action: str = ""
    since_s: float | None = None  # from here on, in seconds since 1970 UTC
    until_s: float | None = None  # and before this


def record(
    session: Session, action: str, *, actor_id: int | None, actor: str, subject: str = "", outcome: str = "done",
    address: str = "", request_id: str = "", detail: Any = None,
) -> None:  # fmt: skip
    """Add an entry, in the transaction of the change that it tells of."""
    session.add(
        AuditEntry(
            actor_id=actor_id, actor=actor, action=action, subject=subject, outcome=outcome, address=address,
            request_id=request_id, detail=detail,
        )
    )  # fmt: skip


def entries(session: Session, wanted: Wanted, limit: int, before_id: int | None = None) -> Sequence[AuditEntry]:
    """Newest first; `before_id` is the page's cursor.  Reads along the key, so it is quick for what is not rare."""
    newest = _wanted(wanted).order_by(AuditEntry.id.desc()).limit(limit)
    return session.scalars(newest if before_id is None else newest.where(AuditEntry.id < before_id)).all()


def all_entries(database: Database, wanted: Wanted) -> Iterator[AuditEntry]:
    """Oldest first, a batch in memory at a time, each in a transaction of its own."""
    after_id = 0
    while True:
        with database.reading() as session:
            following = _wanted(wanted).where(AuditEntry.id > after_id).order_by(AuditEntry.id).limit(BATCH)
            batch = session.scalars(following).all()
        yield from batch
        if len(batch) < BATCH:
            return
        after_id = batch[-1].id


def _wanted(wanted: Wanted) -> Select[AuditEntry]:
    found = select(AuditEntry)
    if wanted.who:
        found = found.where(func.lower(AuditEntry.actor).contains(wanted.who.lower(), autoescape=True))
    if wanted.action:
        found = found.where(AuditEntry.action == wanted.action)
    if wanted.since_s is not None:
        found = found.where(AuditEntry.at >= wanted.since_s)
    if wanted.until_s is not None:
        found = found.where(AuditEntry.at < wanted.until_s)
    return found
