"""The picture of a job: whole as PNG, and as tiles while it grows."""

import json
import math

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import paint
from app.conditional import unless_known
from app.current import database
from app.job_view import visible_job

bp = Blueprint("picture", __name__)


@bp.get("/jobs/<id:job_id>/picture.png")
def png(job_id: int) -> ResponseReturnValue:
    """As far as it is; not yet painted is transparent."""
    by_node = request.args.get("by") == "node"
    with database().reading() as session:
        canvas = paint.canvas_of(session, visible_job(session, job_id))
    version = f"{canvas.version}-by-node" if by_node else canvas.version
    return unless_known(version, lambda: paint.png(database(), canvas, by_node), "image/png")


@bp.get("/jobs/<id:job_id>/tiles")
def tiles(job_id: int) -> ResponseReturnValue:
    """Tiles that came since the cursor of the last answer."""
    since = request.args.get("since", type=finite)
    with database().reading() as session:
        canvas = paint.canvas_of(session, visible_job(session, job_id))
        version = f"{canvas.version}-{canvas.job.state}"
        return unless_known(version, lambda: json.dumps(paint.tiles_since(session, canvas, since)), "application/json")


def finite(text: str) -> float:
    """Raises ValueError on what no clock says."""
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number
