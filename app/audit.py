"""Entries of the audit log, with what only the request knows: who, from where, under which id."""

from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from app.accounts import Account
from store import audit


def note(session: Session, action: str, subject: str = "", outcome: str = "done", detail: Any = None) -> None:
    """Tell what the caller does, in the transaction that does it; `action` is a word of `store.audit.ACTIONS`."""
    account: Account | None = g.get("account")
    audit.record(
        session, action, actor_id=account.id if account else None, actor=account.email if account else "",
        subject=subject, outcome=outcome, address=request.remote_addr or "", request_id=g.get("request_id", ""),
        detail=detail,
    )  # fmt: skip
