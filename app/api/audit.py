"""The audit log, for programs of administrators."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.access import Role, needs
from app.api.account_schemas import AuditEntrySchema, AuditQuerySchema
from app.api.blueprint import ApiBlueprint
from app.audit_lines import as_json
from app.current import database
from store import audit
from store.audit import Wanted

bp = ApiBlueprint("api_audit", __name__, url_prefix="/api/v1/audit", description="Who did what")


@bp.get("")
@bp.arguments(AuditQuerySchema, location="query")
@bp.response(200, AuditEntrySchema(many=True), headers={"Link": {"schema": {"type": "string"}}})
@bp.alt_response(403, "FORBIDDEN")
@needs(Role.ADMIN)
def listed(query: dict[str, Any]) -> ResponseReturnValue:
    """List entries of the audit log, newest first.  It takes an administrator's token of scope `admin`."""
    limit = query.pop("limit")
    moments = {f"{name}_s": query[name].timestamp() for name in ("since", "until") if name in query}
    wanted = Wanted(query.get("who", ""), query.get("action", ""), **moments)
    with database().reading() as session:
        found = audit.entries(session, wanted, limit + 1, query.get("cursor"))
    rows = [as_json(entry) for entry in found[:limit]]
    if len(found) <= limit:
        return rows, 200, {}
    asked = {name: value.isoformat() if name in ("since", "until") else value for name, value in query.items()}
    following = url_for("api_audit.listed", **asked | {"limit": limit, "cursor": found[limit - 1].id})
    return rows, 200, {"Link": f'<{following}>; rel="next"'}
