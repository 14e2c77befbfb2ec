"""API tokens: a program signs in with one."""

from typing import Any

from flask import abort, g

from app.access import Role, caller, hash_token, needs
from app.api.account_schemas import NewTokenSchema, TokenRequestSchema, TokenSchema
from app.api.blueprint import ApiBlueprint
from app.api.schemas import moments
from app.current import database
from app.own_tokens import make_token, revoke_token
from dynometer.errors import NotFound
from store import tokens
from store.account_models import Token

bp = ApiBlueprint("api_tokens", __name__, url_prefix="/api/v1/tokens", description="API tokens of yours")


@bp.get("")
@bp.response(200, TokenSchema(many=True))
def listed() -> list[dict[str, Any]]:
    """List your tokens; never the secrets themselves."""
    with database().reading() as session:
        return [as_json(token) for token in tokens.tokens_of(session, caller().id)]


@bp.post("")
@bp.arguments(TokenRequestSchema)
@bp.response(201, NewTokenSchema)
@bp.alt_response(403, "FORBIDDEN")
@needs(Role.VIEWER)
def make(body: dict[str, Any]) -> dict[str, Any]:
    """Make a token, by one whose scope is admin.  Its secret is in this answer and nowhere else."""
    if g.token is None:
        abort(403, "People make tokens in the settings, which ask for the password.")
    with database().writing() as session:
        secret = make_token(session, body["name"], body["scope"], body["expires_in_days"])
        found = tokens.owner_of_token(session, hash_token(secret))
        assert found is not None, "it was made in this transaction"
        return as_json(found.token) | {"token": secret}


@bp.delete("/<id:token_id>")
@bp.response(204)
@bp.alt_response(403, "FORBIDDEN")
@bp.alt_response(404, "NOT_FOUND")
@needs(Role.VIEWER)
def revoke(token_id: int) -> None:
    """Revoke a token, by one whose scope is admin: it works no more."""
    with database().writing() as session:
        if not revoke_token(session, token_id):
            raise NotFound("This token was revoked before.")


def as_json(token: Token) -> dict[str, Any]:
    times = moments(created_at=token.created_at, expires_at=token.expires_at, last_used_at=token.last_used_at)
    return {name: getattr(token, name) for name in ("id", "name", "prefix", "scope")} | times
