"""Public links to sweeps that are over."""

from typing import Any

from flask import abort, request

from app.access import caller
from app.api.blueprint import ApiBlueprint
from app.api.schemas import moments
from app.api.sweep_schemas import LinkSchema
from app.audit import note
from app.current import database
from app.start_sweep import subject_of
from app.sweep_view import is_measured, visible_sweep
from dynometer.errors import NotFound
from store.sweep_models import SweepShare
from store.sweep_shares import MOST_OPEN, make_share, revoke_share, shares_of

bp = ApiBlueprint(
    "api_sweep_shares", __name__, url_prefix="/api/v1/sweeps/<id:sweep_id>/share", description="Public links to reports"
)


@bp.get("")
@bp.response(200, LinkSchema(many=True))
@bp.alt_response(404, "NOT_FOUND")
def listed(sweep_id: int) -> list[dict[str, Any]]:
    """List the links that open this sweep, newest first."""
    with database().reading() as session:
        return [link_json(share) for share in shares_of(session, visible_sweep(session, sweep_id).id)]


@bp.post("")
@bp.response(201, LinkSchema)
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(409, "CONFLICT")
def make(sweep_id: int) -> dict[str, Any]:
    """Make a public, read-only link: whoever has it may read the report, without an account."""
    with database().writing() as session:
        sweep = visible_sweep(session, sweep_id)
        if not is_measured(sweep):
            abort(409, "No link was made: a sweep can be shared once it is over and holds a window that counts.")
        if len(shares_of(session, sweep_id)) >= MOST_OPEN:
            abort(409, f"No link was made: {MOST_OPEN} open this sweep already. Revoke one first.")
        share = make_share(session, sweep_id, caller().id)
        note(session, "share-made", subject_of(sweep), detail={"link": share.slug[:4]})
        return link_json(share)


@bp.delete("/<slug>")
@bp.response(204)
@bp.alt_response(404, "NOT_FOUND")
def revoke(sweep_id: int, slug: str) -> None:
    """Revoke a link: it opens nothing any more."""
    with database().writing() as session:
        sweep = visible_sweep(session, sweep_id)
        if not (slug.isascii() and slug.isalnum() and revoke_share(session, sweep_id, slug)):
            raise NotFound("No such link opens this sweep: it was revoked before, or there never was one.")
        note(session, "share-revoked", subject_of(sweep), detail={"link": slug[:4]})


def link_json(share: SweepShare) -> dict[str, Any]:
    url = f"{request.url_root}r/{share.slug}"
    return {"slug": share.slug, "url": url} | moments(created_at=share.created_at)
