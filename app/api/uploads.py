"""Items of one's own, sent before the job."""

from typing import Any

from flask import request

from app.access import caller
from app.api.blueprint import ApiBlueprint
from app.api.schemas import UploadQuerySchema, UploadSchema
from app.current import database, settings
from app.own_items import take
from store.models import Upload

bp = ApiBlueprint("api_uploads", __name__, url_prefix="/api/v1/uploads", description="Items of your own")
BODY = {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}}


@bp.post("")
@bp.arguments(UploadQuerySchema, location="query")
@bp.response(201, UploadSchema)
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(429, "TOO_MANY_REQUESTS")
@bp.doc(**BODY)
def add(query: dict[str, Any]) -> Upload:
    """Send a file: an item per line, as text, or as JSON if its name ends in .jsonl.  Unused, it goes after a day."""
    return take(database(), caller().id, query["workload"], query["name"], request.stream, settings())
