"""The audit log: who did what, to what, from where.  Entries are added and read; the database refuses the rest."""

from typing import Any

from sqlalchemy.orm import Session

from store.account_models import AuditEntry


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
