"""One JSON object per event on stderr, each with the id of its request."""

import logging
import re
import secrets
import sys
from collections import Counter
from threading import Lock
from time import monotonic
from typing import Any

import structlog
from flask import Flask, Response, g, request

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # nothing that could forge a log line or a header
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
log = structlog.get_logger()
SELDOM_S = 10.0


class Seldom:
    """Logs an event at most once in ten seconds, with how often it came: each poll meets the same lost database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next_at: dict[str, float] = {}
        self._kept_back: Counter[str] = Counter()

    def error(self, event: str, **fields: Any) -> None:
        now = monotonic()
        with self._lock:
            if now < self._next_at.get(event, 0.0):
                self._kept_back[event] += 1
                return
            self._next_at[event] = now + SELDOM_S
            before = self._kept_back.pop(event, 0)
        log.error(event, **fields, **({"also_before": before} if before else {}))


class ToStderr(logging.Handler):
    """What libraries log, in the same form; to the stream of the moment, as tests swap it."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def set_up(app: Flask) -> None:
    level = logging.getLevelNamesMapping().get(app.extensions["settings"].log_level.upper(), logging.INFO)
    app.before_request(name_request)
    app.after_request(answer_name)
    structlog.configure(
        processors=[*SHARED, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *given: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, ToStderr) for handler in root.handlers):
        handler = ToStderr(logging.WARNING)
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(),
                ],
                foreign_pre_chain=SHARED,
            )
        )
        root.addHandler(handler)


def name_request() -> None:
    """The proxy's id when it looks like one, else our own."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, path=request.path)


def answer_name(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response
