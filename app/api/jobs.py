"""Jobs: start, list, watch, cancel, fetch."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from app import paint, results
from app.access import caller, visible_owner
from app.api.answers import job_json, job_row_json
from app.api.blueprint import ApiBlueprint
from app.api.schemas import (
    JobDetailSchema,
    JobRequestSchema,
    JobSchema,
    KeySchema,
    PageSchema,
    ResultsQuerySchema,
    SeriesQuerySchema,
    SeriesSchema,
)  # fmt: skip
from app.cancel import cancel
from app.conditional import unless_known
from app.current import database
from app.job_series import series_answer
from app.job_view import job_rows, job_view, new_job_view, visible_job
from app.start import start
from store import jobs
from store.models import JobState
from tasks.jobs import JobRequest

bp = ApiBlueprint("api_jobs", __name__, url_prefix="/api/v1/jobs", description="Workloads applied to many items")
POLL_S = 1
ENDED = {
    JobState.SUCCEEDED: "had already succeeded",
    JobState.PARTIAL: "had already ended, partly done",
    JobState.FAILED: "had already failed",
}
NDJSON, CSV = "application/x-ndjson", "text/csv"


@bp.post("")
@bp.arguments(JobRequestSchema)
@bp.arguments(KeySchema, location="headers", unknown="exclude")
@bp.response(202, JobDetailSchema, headers={"Location": {"schema": {"type": "string"}}})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(429, "TOO_MANY_REQUESTS")
def begin(body: dict[str, Any], key: dict[str, str]) -> ResponseReturnValue:
    """Start a job.  Accepted means kept: it survives the loss of any process."""
    admitted = start(caller().id, JobRequest(**body), key.get("idempotency_key"))
    headers = {"Location": url_for("api_jobs.show", job_id=admitted.job.id), "Retry-After": str(POLL_S)}
    if admitted.is_new:  # its answer must not depend on the database once more: accepted is accepted
        return job_json(new_job_view(admitted.job)), 202, headers
    with database().reading() as session:
        return job_json(job_view(session, admitted.job.id)), 202, headers


@bp.get("")
@bp.arguments(PageSchema, location="query")
@bp.response(200, JobSchema(many=True), headers={"Link": {"schema": {"type": "string"}}})
def listed(page: dict[str, int]) -> ResponseReturnValue:
    """List jobs, newest first: your own, or everybody's for operators."""
    limit = page["limit"]
    with database().reading() as session:
        found = jobs.newest_jobs(session, visible_owner(), limit + 1, page.get("cursor"))
        rows = [job_row_json(row) for row in job_rows(session, found[:limit])]
    return rows, 200, link_to_next(found, limit)


@bp.get("/<id:job_id>")
@bp.response(200, JobDetailSchema, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(304, "NOT_MODIFIED")
def show(job_id: int) -> ResponseReturnValue:
    """Show a job.  Poll it once a second, with If-None-Match."""
    with database().reading() as session:
        view = job_view(session, job_id)
    return unless_known(view.etag, lambda: json.dumps(JobDetailSchema().dump(job_json(view))), "application/json")


@bp.delete("/<id:job_id>")
@bp.response(204)
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(409, "CONFLICT")
def stop(job_id: int) -> None:
    """Cancel a job.  What is done stays.  409 when it had ended otherwise; once more changes nothing."""
    with database().reading() as session:
        visible_job(session, job_id)
    if cancel(job_id):
        return
    with database().reading() as session:
        state = visible_job(session, job_id).state
    if state in ENDED:
        abort(409, f"Job {job_id} {ENDED[state]}; nothing was cancelled.")


@bp.get("/<id:job_id>/results")
@bp.arguments(ResultsQuerySchema, location="query")
@bp.response(200, {"type": "string"}, content_type=NDJSON, description="One line per item, in item order")
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(409, "CONFLICT")
def fetch(query: dict[str, Any], job_id: int) -> Response:
    """Fetch the results, as NDJSON or CSV."""
    with database().reading() as session:
        job = visible_job(session, job_id)
    if not job.state.is_final and not query["is_partial"]:
        abort(409, f"Job {job_id} is {job.state}; add ?partial=1 for what is there by now.")
    return results.as_csv(job) if wants_csv(query) else results.as_ndjson(job)


@bp.get("/<id:job_id>/picture")
@bp.response(200, {"type": "string"}, content_type="image/png")
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(304, "NOT_MODIFIED")
def picture(job_id: int) -> Response:
    """Fetch the picture, as far as it is painted."""
    with database().reading() as session:
        canvas = paint.canvas_of(session, visible_job(session, job_id))
    return unless_known(canvas.version, lambda: paint.png(database(), canvas), "image/png")


@bp.get("/<id:job_id>/series")
@bp.arguments(SeriesQuerySchema, location="query")
@bp.response(200, SeriesSchema, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(404, "NOT_FOUND")
@bp.alt_response(304, "NOT_MODIFIED")
def series(query: dict[str, str], job_id: int) -> Response:
    """Fetch the throughput over time, by node; with a cursor, what changed since."""
    return series_answer(job_id, query["since"])


def wants_csv(query: dict[str, Any]) -> bool:
    """The query beats the Accept header."""
    if "format" in query:
        return bool(query["format"] == "csv")
    return request.accept_mimetypes.best_match([NDJSON, CSV], NDJSON) == CSV


def link_to_next(found: Sequence[Any], limit: int) -> dict[str, str]:
    if len(found) <= limit:
        return {}
    return {"Link": f'<{url_for("api_jobs.listed", limit=limit, cursor=found[limit - 1].id)}>; rel="next"'}
