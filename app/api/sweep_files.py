"""Sweeps as files: out in many forms, in as the command line writes them."""

import hashlib

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.access import caller
from app.api.blueprint import ApiBlueprint, json_body, read_json
from app.api.schemas import KeySchema
from app.api.sweep_answers import sweep_json
from app.api.sweep_schemas import ImportQuerySchema, SweepDetailSchema
from app.audit import note
from app.current import database, settings
from app.start_sweep import subject_of
from app.sweep_exports import ENDINGS, Card, bytes_of, ending_of, file_name
from app.sweep_import import result_in
from app.sweep_view import SweepView, sweep_view
from dynometer.errors import InvalidInput, NotFound
from dynometer.measure.result import SweepResult
from tasks.sweep_keys import keep_key, sweep_by_key
from tasks.sweeps import import_result

bp = ApiBlueprint("api_sweep_files", __name__, url_prefix="/api/v1/sweeps", description="Sweeps as files")
BADGE = "badge"  # for short
CONTENTS = {ending.mimetype: {"schema": {"type": "string"}} for ending in ENDINGS.values()} | {
    "application/json": {"schema": {"type": "object"}}
}
ENDING = {"in": "path", "name": "ending", "required": True, "schema": {"type": "string", "enum": [*ENDINGS, BADGE]}}
FILE = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@bp.route("/<id:sweep_id>/export/<ending>", parameters=[ENDING], methods=["GET"])
@bp.doc(responses={"200": {"description": "The file", "content": CONTENTS}})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(503, "SERVICE_UNAVAILABLE")
def fetch(sweep_id: int, ending: str) -> Response:
    """Fetch the report as a file, as far as it is.  `json` is the instrument's own: `python -m dynometer` reads it."""
    kind = "badge.svg" if ending == BADGE else ending
    found = ending_of(kind)
    with database().reading() as session:
        view = sweep_view(session, sweep_id)
    if view.report is None:
        raise NotFound(f"Sweep {sweep_id} has measured nothing yet, so there is nothing to export.")
    card = card_of(view)
    response = Response(bytes_of(view.report, kind, card), mimetype=found.mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(card, kind)}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/import")
@bp.arguments(ImportQuerySchema, location="query")
@bp.arguments(KeySchema, location="headers", unknown="exclude")
@bp.response(201, SweepDetailSchema, headers={"Location": {"schema": {"type": "string"}}})
@bp.alt_response(429, "TOO_MANY_REQUESTS")
@bp.doc(**FILE)
def bring(query: dict[str, str], key: dict[str, str]) -> ResponseReturnValue:
    """Keep a result that was measured elsewhere, as `python -m dynometer sweep --out` or `--json` writes it."""
    body = json_body(request)
    result = result_of_body(body)
    sweep_id = bring_once(body, result, query["name"], key.get("idempotency_key"))
    with database().reading() as session:
        answer = sweep_json(sweep_view(session, sweep_id))
    return answer, 201, {"Location": url_for("api_sweeps.show", sweep_id=sweep_id)}


def result_of_body(body: bytes) -> SweepResult:
    """Raises InvalidInput."""
    read_json(body)  # as strict as every other body
    try:
        result = result_in(body, "The body")
    except InvalidInput as error:
        raise InvalidInput(str(error), fields={"": str(error)}, hint=error.hint) from None
    return result


def bring_once(body: bytes, result: SweepResult, name: str, key: str | None) -> int:
    """The number of the new sweep, or of the one that `key` led to before."""
    owner_id, request_hash = caller().id, hashlib.sha256(name.encode() + b"\0" + body).hexdigest()
    with database().writing() as session:
        if key and (known := sweep_by_key(session, owner_id, key, request_hash)):
            return known
        try:
            sweep = import_result(session, owner_id, result, name, settings())
        except InvalidInput as error:
            raise InvalidInput(str(error), fields={"": " ".join(error.fields.values())}, hint=error.hint) from None
        note(session, "sweep-imported", subject_of(sweep), detail={"workload": sweep.workload})
        if key:
            keep_key(session, owner_id, key, request_hash, sweep.id)
        return sweep.id


def card_of(view: SweepView) -> Card:
    return Card(view.sweep.name, f"{request.url_root}sweeps/{view.sweep.id}")
