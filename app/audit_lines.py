"""Which entries of the audit log are asked for, and entries as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.words import stamp
from dynometer.errors import InvalidInput
from store.account_models import AuditEntry
from store.audit import Wanted

LONGEST_WHO = 320


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """From the fields who, action, since and until (days, in UTC, both counted in).  Raises InvalidInput."""
    wrong: dict[str, str] = {}
    moments: dict[str, float | None] = {}
    for name, more in (("since", timedelta()), ("until", timedelta(days=1))):
        text = asked.get(name, "").strip()
        try:
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) if text else None
            moments[name] = (day + more).timestamp() if day else None
        except (ValueError, OverflowError):
            wrong[name] = "must be a day such as 2026-11-25"
    who = asked.get("who", "").strip()
    if len(who) > LONGEST_WHO or "\0" in who:
        wrong["who"] = f"must be part of an address, of at most {LONGEST_WHO} characters"
    if wrong:
        raise InvalidInput("These filters do not fit; no entries are shown.", fields=wrong)
    return Wanted(who, asked.get("action", "").replace("\0", ""), moments["since"], moments["until"])


def as_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": stamp(entry.at),
        "actor_id": entry.actor_id, "actor": entry.actor, "action": entry.action, "subject": entry.subject,
        "outcome": entry.outcome, "address": entry.address, "request_id": entry.request_id, "detail": entry.detail,
    }  # fmt: skip


def lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One JSON object per line; what people typed stays inside its quotes, line ends too."""
    for entry in entries:
        yield json.dumps(as_json(entry)) + "\n"
