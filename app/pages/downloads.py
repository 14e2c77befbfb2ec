"""A job's results as files."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app import results
from app.current import database
from app.job_view import visible_job

bp = Blueprint("downloads", __name__)


@bp.get("/jobs/<id:job_id>/results.ndjson")
def ndjson(job_id: int) -> ResponseReturnValue:
    """What is there by now: a running job's file is shorter."""
    with database().reading() as session:
        job = visible_job(session, job_id)
    return results.as_ndjson(job)


@bp.get("/jobs/<id:job_id>/results.csv")
def csv(job_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        job = visible_job(session, job_id)
    return results.as_csv(job)
