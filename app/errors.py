"""The one place that knows which error has which status, and gives it its face."""

import errno

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.logs import Seldom, log
from app.passwords import TooManySignIns
from app.problems import Problem, kind_of
from app.tries import HaveToWait
from dynometer.errors import DynometerError, InvalidInput, NotFound
from store.database import first_line
from tasks.quotas import OverQuota

STATUS = {InvalidInput: 422, NotFound: 404, TooManySignIns: 429, HaveToWait: 429, OverQuota: 429}  # else our fault: 500
RETRY_AFTER_S = 5
LOST = "This form came without the token of your session: cookies are off, or you signed in anew meanwhile."


def set_up(app: Flask) -> None:
    app.extensions["seldom"] = Seldom()
    for error, handle in (
        (HTTPException, http_problem), (DynometerError, refusal), (OperationalError, database_away),
        (InterfaceError, database_away), (PoolTimeout, database_busy), (OSError, system_refused),
        (Exception, our_fault),
    ):  # fmt: skip
        app.register_error_handler(error, handle)


def http_problem(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    kind = kind_of(status)
    if isinstance(error, CSRFError):
        return answer(Problem(kind, LOST), status)
    is_ours = error.description not in (None, type(error).description)
    if isinstance(error, RequestEntityTooLarge):
        return answer(Problem(kind, f"The limit is {request.max_content_length:,} bytes."), status)
    answered = answer(Problem(kind, str(error.description) if is_ours else ""), status)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answered.headers[name] = value
    return answered


def refusal(error: DynometerError) -> ResponseReturnValue:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    if status == 500:
        log.error("refused", error=str(error), exc_info=error)
    fields = error.fields if isinstance(error, InvalidInput) else {}
    retry_after_s = getattr(error, "retry_after_s", RETRY_AFTER_S) if status == 429 else None
    return answer(Problem(kind_of(status), str(error), error.hint, fields, retry_after_s), status)


def database_away(error: Exception) -> ResponseReturnValue:
    _seldom().error("database away", error=first_line(error))
    is_full = "full" in str(error).lower()
    detail = "The disk of the database is full." if is_full else "The database can't be reached."
    return answer(Problem(kind_of(503), detail, retry_after_s=RETRY_AFTER_S), 503)


def system_refused(error: OSError) -> ResponseReturnValue:
    if error.errno != errno.ENOSPC:
        return our_fault(error)
    _seldom().error("disk full", error=str(error))
    return answer(Problem(kind_of(503), "The disk of this web node is full.", retry_after_s=RETRY_AFTER_S), 503)


def database_busy(error: Exception) -> ResponseReturnValue:
    _seldom().error("database busy", error=str(error))
    return answer(Problem(kind_of(503), "All connections to the database are busy.", retry_after_s=RETRY_AFTER_S), 503)


def _seldom() -> Seldom:
    seldom: Seldom = current_app.extensions["seldom"]
    return seldom


def our_fault(error: Exception) -> ResponseReturnValue:
    log.error("unhandled", exc_info=error)
    return answer(Problem(kind_of(500), ""), 500)


def answer(problem: Problem, status: int) -> Response:
    """JSON below /api/, else a page; a fragment's error is only the sentence."""
    if request.path.startswith("/api/"):
        response = as_json(problem, status)
    else:
        page = "_problem.html" if "HX-Request" in request.headers else "error.html"
        response = Response(render_template(page, problem=problem, status=status), status, mimetype="text/html")
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def as_json(problem: Problem, status: int) -> Response:
    """RFC 9457."""
    body = problem.members | {
        "type": f"/problems/{problem.kind.slug}",
        "title": problem.kind.title,
        "status": status,
        "detail": " ".join(filter(None, (problem.detail or problem.kind.remedy, problem.hint))),
        "request_id": g.get("request_id", ""),
    }
    if problem.fields:
        body["errors"] = [{"pointer": pointer(name), "detail": words} for name, words in sorted(problem.fields.items())]
    response = jsonify(body)
    response.status_code, response.mimetype = status, "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Dynometer"'
    return response


def pointer(name: str) -> str:
    """The JSON pointer of a field, of the whole body for none; only `parameters` and `inputs` have fields below."""
    if not name:
        return ""
    parts = name.split(".", 1)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
