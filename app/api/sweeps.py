"""Sweeps: start, list, watch, cancel."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

from app.access import caller, visible_owner
from app.api.blueprint import ApiBlueprint
from app.api.schemas import KeySchema
from app.api.sweep_answers import Since, feed_json, sweep_json, sweep_row
from app.api.sweep_fields import by_our_names
from app.api.sweep_schemas import (
    FeedQuerySchema,
    FeedSchema,
    ShownSchema,
    SweepDetailSchema,
    SweepListSchema,
    SweepRequestSchema,
    SweepSchema,
)
from app.conditional import unless_known
from app.current import database
from app.start_sweep import cancel_sweep, start_sweep
from app.sweep_progress import progress_of
from app.sweep_view import SweepView, sweep_view, visible_sweep
from dynometer.errors import InvalidInput
from store.newest_sweeps import newest_sweeps
from store.sweep_models import Sweep, SweepState
from store.sweeps import events_of
from tasks.sweeps import SweepRequest

bp = ApiBlueprint(
    "api_sweeps", __name__, url_prefix="/api/v1/sweeps", description="Workloads measured under execution models"
)
POLL_S = 1
ENDED = {SweepState.FINISHED: "had already finished", SweepState.FAILED: "had already failed"}
TEXT_HEADER = {"schema": {"type": "string"}}


@bp.post("")
@bp.arguments(SweepRequestSchema)
@bp.arguments(KeySchema, location="headers", unknown="exclude")
@bp.response(202, SweepDetailSchema, headers={"Location": TEXT_HEADER, "Retry-After": TEXT_HEADER})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(429, "TOO_MANY_REQUESTS")
def begin(body: dict[str, Any], key: dict[str, str]) -> ResponseReturnValue:
    """Start a sweep.  Accepted means kept: it survives the loss of any process."""
    try:
        admitted = start_sweep(caller().id, SweepRequest(**body), key.get("idempotency_key"))
    except InvalidInput as error:
        raise by_our_names(error, body) from None
    sweep = admitted.sweep
    headers = {"Location": url_for("api_sweeps.show", sweep_id=sweep.id), "Retry-After": str(POLL_S)}
    if admitted.is_new:  # its answer must not depend on the database once more: accepted is accepted
        return sweep_json(SweepView(sweep, (), None, None, progress_of(sweep, None))), 202, headers
    with database().reading() as session:
        return sweep_json(sweep_view(session, sweep.id)), 202, headers


@bp.get("")
@bp.arguments(SweepListSchema, location="query")
@bp.response(200, SweepSchema(many=True), headers={"Link": TEXT_HEADER})
def listed(query: dict[str, Any]) -> ResponseReturnValue:
    """List sweeps, newest first: your own, or everybody's for operators."""
    limit, states = query["limit"], [query["state"]] if "state" in query else []
    with database().reading() as session:
        found = newest_sweeps(
            session, visible_owner(), limit + 1, query.get("cursor"), states=states, workload=query.get("workload", "")
        )
    return [sweep_row(sweep) for sweep in found[:limit]], 200, link_to_next(found, query)


@bp.get("/<id:sweep_id>")
@bp.arguments(ShownSchema, location="query")
@bp.response(200, SweepDetailSchema, headers={"ETag": TEXT_HEADER})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(304, "NOT_MODIFIED")
def show(query: dict[str, bool], sweep_id: int) -> Response:
    """Show a sweep with its report, as far as it is.  Poll it once a second, with If-None-Match and `report=false`."""
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    has_report = query["report"]

    def answer() -> str:
        return json.dumps(SweepDetailSchema().dump(sweep_json(view, has_report=has_report)), allow_nan=False)

    return unless_known(f"{version_of(view.sweep)}{'' if has_report else '-brief'}", answer, "application/json")


@bp.get("/<id:sweep_id>/trials")
@bp.arguments(FeedQuerySchema, location="query")
@bp.response(200, FeedSchema, headers={"ETag": TEXT_HEADER})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(304, "NOT_MODIFIED")
def feed(query: dict[str, str], sweep_id: int) -> Response:
    """Follow what is measured, window by window: with a cursor, what came since."""
    with database().reading() as session:
        sweep = visible_sweep(session, sweep_id)
        since = Since(query["since"], sweep.epoch)
        rows = events_of(session, sweep.id, sweep.epoch, since.number)
    body = feed_json(sweep, rows, since)
    version = f"{version_of(sweep)}-{since.number}-{int(since.is_anew)}"
    return unless_known(version, lambda: json.dumps(FeedSchema().dump(body)), "application/json")


@bp.delete("/<id:sweep_id>")
@bp.response(204)
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(409, "CONFLICT")
def stop(sweep_id: int) -> None:
    """Cancel a sweep.  What is measured stays.  409 when it had ended otherwise; once more changes nothing."""
    with database().reading() as session:
        visible_sweep(session, sweep_id)
    if cancel_sweep(sweep_id):
        return
    with database().reading() as session:
        state = visible_sweep(session, sweep_id).state
    if state in ENDED:
        abort(409, f"Sweep {sweep_id} {ENDED[state]}; nothing was cancelled.")


def version_of(sweep: Sweep) -> str:
    """All that is shown of a sweep changes with its version."""
    return f"{sweep.version}-{sweep.state}"


def link_to_next(found: Sequence[Sweep], query: dict[str, Any]) -> dict[str, str]:
    limit = query["limit"]
    if len(found) <= limit:
        return {}
    following = url_for("api_sweeps.listed", **query | {"cursor": found[limit - 1].id})
    return {"Link": f'<{following}>; rel="next"'}
