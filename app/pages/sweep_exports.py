"""A sweep as files."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.current import database
from app.sweep_files import file_of
from app.sweep_links import own_card
from app.sweep_view import sweep_view

bp = Blueprint("sweep_exports", __name__)


@bp.get("/sweeps/<id:sweep_id>/export.<ending>")
def fetch(sweep_id: int, ending: str) -> ResponseReturnValue:
    """What is measured by now: of a sweep that runs it says so."""
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    return file_of(view, ending, own_card(view), request.args)
