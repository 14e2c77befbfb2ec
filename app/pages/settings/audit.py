"""The audit log, for administrators: looked through, and taken away as JSON lines."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.access import Role
from app.audit import note
from app.audit_lines import lines, wanted_from
from app.current import database
from app.pages.settings.shell import section_blueprint
from app.results import in_blocks
from dynometer.errors import InvalidInput
from store import audit

bp = section_blueprint("audit", Role.ADMIN)
PAGE = 50
FILTERS = ("who", "action", "since", "until")


@bp.get("/audit")
def show() -> ResponseReturnValue:
    asked, before = filters(), request.args.get("before", type=int)
    try:
        wanted = wanted_from(asked)
    except InvalidInput as error:
        return render_template(
            "settings/audit.html", asked=asked, actions=audit.ACTIONS, listed=[], problem=error, errors=error.fields
        ), 422
    with database().reading() as session:
        listed = audit.entries(session, wanted, PAGE + 1, before if before and 0 < before < 2**63 else None)
    return render_template(
        "settings/audit.html", asked=asked, actions=audit.ACTIONS, listed=listed[:PAGE], is_first=before is None,
        following=listed[PAGE - 1].id if len(listed) > PAGE else None, errors={},
    )  # fmt: skip


@bp.get("/audit.jsonl")
def export() -> ResponseReturnValue:
    """Oldest first, streamed whatever its size; the entry that tells of it is the last."""
    asked = filters()
    wanted = wanted_from(asked)
    with database().writing() as session:
        note(session, "audit-exported", detail=asked or None)
    response = Response(in_blocks(lines(audit.all_entries(database(), wanted))), mimetype="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.jsonl"'
    return response


def filters() -> dict[str, str]:
    """Those that were filled in."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}
