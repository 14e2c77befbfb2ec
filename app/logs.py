"""One JSON object per event on stderr, each with the id of its request."""

import logging
import re
import secrets
import sys

import structlog
from flask import Flask, Response, g, request

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # nothing that could forge a log line or a header
log = structlog.get_logger()


def set_up(app: Flask) -> None:
    app.before_request(name_request)
    app.after_request(answer_name)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *given: structlog.WriteLogger(sys.stderr),  # the stream of the moment, as tests swap it
        cache_logger_on_first_use=False,
    )


def name_request() -> None:
    """The proxy's id when it looks like one, else our own."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, path=request.path)


def answer_name(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response
