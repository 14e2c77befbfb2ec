"""For load balancers and orchestrators: does the process live, can it serve?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app.current import database
from store import migrate

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers: asks nothing of anything else, so a lost database does not restart every web node."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and has this version's schema."""
    try:
        is_current = migrate.is_current(database())
    except SQLAlchemyError:
        return jsonify(ok=False, reason="The database can't be reached."), 503
    if not is_current:
        return jsonify(ok=False, reason="The database lacks this version's schema; the release step migrates it."), 503
    return jsonify(ok=True)
