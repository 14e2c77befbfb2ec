"""What is believed of a request before anything reads it: its proxy, its Host, its size."""

import re
from contextlib import suppress
from datetime import UTC, datetime

from flask import Flask, Response, abort, g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from app.current import settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
FIELDS_MAX = 200  # of a form; the largest of ours has two dozen
QUEUED = "X-Queue-S"  # for nginx's log; it tells nobody else
UPLOAD = "api_uploads.add"
PROBES = ("health.healthz", "health.readyz")  # orchestrators ask by address


def set_up(app: Flask) -> None:
    hops = app.extensions["settings"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
        app.before_request(note_queue_time)
        app.after_request(tell_queue_time)
    app.before_request(check_host)
    app.before_request(limit_body)
    app.before_request(limit_fields)


def check_host() -> None:
    """A page under a foreign name would let that name's owner read it (DNS rebinding)."""
    served = [host.strip().lower() for host in settings().hosts.split(",")]
    if "*" in served or request.endpoint in PROBES:
        return
    host = HOST.fullmatch(request.headers.get("Host", "").lower())
    if host is None or host["name"] not in (*LOOPBACK, *filter(None, served)):
        abort(400, "This Dynometer is not served under that host name; DYNOMETER_HOSTS lists those it is served under.")


def limit_body() -> None:
    """Before anything is parsed: uploads may be large, nothing else."""
    g.upload_limit, usual = settings().upload_max_bytes, settings().body_max_bytes
    limits = {"new_job.begin": usual if is_plain_form() else g.upload_limit + usual, UPLOAD: g.upload_limit}
    request.max_content_length = limits.get(request.endpoint or "", usual)


def limit_fields() -> None:
    """Werkzeug counts those of a form with files itself (MAX_FORM_PARTS)."""
    if request.endpoint == UPLOAD or not is_plain_form():
        return
    body = request.get_data(cache=True)
    if request.content_length is None and len(body) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge  # of a body sent in chunks, Werkzeug gives the first part without a word
    if body.count(b"&") >= FIELDS_MAX:
        abort(400, f"A form has at most {FIELDS_MAX} fields.")


def is_plain_form() -> bool:
    """Without files: nothing in it is large."""
    return request.mimetype == "application/x-www-form-urlencoded"


def note_queue_time() -> None:
    """Seconds from the proxy's stamp to here: what the request waited for a process and a thread."""
    with suppress(ValueError):
        sent_at = float(request.headers.get("X-Request-Start", "").removeprefix("t="))
        sent_at = sent_at / 1000 if sent_at > 1e11 else sent_at  # of Heroku's router in milliseconds
        g.queued_s = max(0.0, datetime.now(UTC).timestamp() - sent_at)


def tell_queue_time(response: Response) -> Response:
    if "queued_s" in g:
        response.headers[QUEUED] = f"{g.queued_s:.3f}"
    return response
