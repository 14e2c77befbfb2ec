"""What is believed of a request before anything reads it: its proxy, its Host, its size."""

from flask import Flask, abort, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from app.current import settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("health.healthz", "health.readyz")  # orchestrators ask by address
UPLOADS = ("new_job.begin", "api_uploads.add")


def set_up(app: Flask) -> None:
    hops = app.extensions["settings"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(check_host)
    app.before_request(limit_body)


def check_host() -> None:
    """A page under a foreign name would let that name's owner read it (DNS rebinding)."""
    served = [host.strip() for host in settings().hosts.split(",") if host.strip()]
    if "*" in served or request.endpoint in PROBES:
        return
    if not host_is_trusted(request.headers.get("Host"), [*LOOPBACK, *served]):
        abort(400, "This Dynometer is not served under that host name; DYNOMETER_HOSTS lists those it is served under.")


def limit_body() -> None:
    """Before anything is parsed: uploads may be large, nothing else."""
    g.upload_limit = settings().upload_max_bytes
    room = g.upload_limit if request.endpoint in UPLOADS else 0
    request.max_content_length = room + settings().body_max_bytes
