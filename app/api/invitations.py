"""Invitations, for programs of administrators."""

import secrets
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from app.access import Role, needs
from app.api.account_schemas import InvitationRequestSchema, InvitationSchema, NewInvitationSchema
from app.api.blueprint import ApiBlueprint
from app.api.schemas import PageSchema, moments
from app.current import database
from app.inviting import invite, revoke_invitation
from store import invitations
from store.invitations import Listed

bp = ApiBlueprint(
    "api_invitations", __name__, url_prefix="/api/v1/invitations", description="Links by which people join"
)


@bp.get("")
@bp.arguments(PageSchema, location="query")
@bp.response(200, InvitationSchema(many=True), headers={"Link": {"schema": {"type": "string"}}})
@bp.alt_response(403, "FORBIDDEN")
@needs(Role.ADMIN)
def listed(page: dict[str, int]) -> ResponseReturnValue:
    """List invitations, newest first; never the links themselves."""
    limit = page["limit"]
    with database().reading() as session:
        found = invitations.newest_invitations(session, limit + 1, page.get("cursor"))
    rows = [as_json(row) for row in found[:limit]]
    if len(found) <= limit:
        return rows, 200, {}
    following = url_for("api_invitations.listed", limit=limit, cursor=found[limit - 1].invitation.id)
    return rows, 200, {"Link": f'<{following}>; rel="next"'}


@bp.post("")
@bp.arguments(InvitationRequestSchema)
@bp.response(201, NewInvitationSchema)
@bp.alt_response(403, "FORBIDDEN")
@needs(Role.ADMIN)
def make(body: dict[str, str]) -> dict[str, Any]:
    """Invite somebody.  The link is in this answer and nowhere else."""
    code = secrets.token_urlsafe(32)
    link = invite(body["role"], body["note"], code)
    with database().reading() as session:
        made = invitations.invitation_by_code(session, code)
    assert made is not None, "it was made just now"
    return as_json(made) | {"link": link}


@bp.delete("/<id:invitation_id>")
@bp.response(204)
@bp.alt_response(403, "FORBIDDEN")
@bp.alt_response(404, "NOT_FOUND")
@needs(Role.ADMIN)
def revoke(invitation_id: int) -> None:
    """Revoke an invitation: its link makes no account.  Once more changes nothing."""
    revoke_invitation(invitation_id)


def as_json(row: Listed) -> dict[str, Any]:
    invitation = row.invitation
    times = moments(created_at=invitation.created_at, expires_at=invitation.expires_at)
    mine = {name: getattr(invitation, name) for name in ("id", "role", "note")}
    return mine | {"state": row.state, "inviter": row.inviter, "used_by": row.used_by} | times
