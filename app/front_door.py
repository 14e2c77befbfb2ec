"""What is believed of a request before anything reads it: its proxy, its Host, its size."""

import re

from flask import Flask, abort, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.current import settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
PROBES = ("health.healthz", "health.readyz")  # orchestrators ask by address


def set_up(app: Flask) -> None:
    hops = app.extensions["settings"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(check_host)
    app.before_request(limit_body)


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
    limits = {"new_job.begin": g.upload_limit + usual, "api_uploads.add": g.upload_limit}
    request.max_content_length = limits.get(request.endpoint or "", usual)
