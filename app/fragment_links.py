"""Links to what feeds the page of a job or a sweep, that many may share: who holds one may read those feeds, for a
quarter of an hour.

A cache must not ask who somebody is, and a job or a sweep is not everybody's.  So the right to look is in the address:
only a page or fragment that was given to somebody who may see it holds its link, nobody can guess one, and nginx may
keep what it leads to for a second under that link (nginx/nginx.conf.template).

The alternatives: a cookie's hash in the cache's key shares nothing between two people; a question to the app for each
request (auth_request) costs what the cache saves.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request, url_for

from app.current import settings
from app.logs import log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JOB, SWEEP = "job", "sweep"
WINDOW_S = 900  # a link made in one window ends with the next: after 15 to 30 minutes
ABOUT = b"dynometer: live fragment, 2"  # no other signature made with the same secret fits here
PREFIX = "/live/"
WHO_ASKS = ("HTTP_COOKIE", "HTTP_AUTHORIZATION")
NO_STORE = ("Cache-Control", "no-store")


class ForNobody:
    """Below /live/ the app is not told who asks, so no answer can depend on it, whatever reads the session meanwhile.

    An answer that would sign somebody in, or hand out a token of their session, is for no cache.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self.application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, shareable(headers), *rest)

        told = {name: value for name, value in environ.items() if name not in WHO_ASKS}
        return self.application(told, start)


def shareable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """For caches: without Vary, as there is nothing to vary by.  With a cookie in it: not to be kept at all."""
    names = {name.lower() for name, _ in headers}
    if "set-cookie" in names:
        log.error("a shared fragment used the session; it is not shared")
        return [each for each in headers if each[0].lower() not in ("set-cookie", "cache-control")] + [NO_STORE]
    is_public = any(name.lower() == "cache-control" and value.startswith("public") for name, value in headers)
    return [each for each in headers if each[0].lower() != "vary"] if is_public else headers


def set_up(app: Flask) -> None:
    app.wsgi_app = ForNobody(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals["live_url"] = live_url


def live_url(row_id: int, feed: str = "fragment", kind: str = JOB) -> str:
    """The shared address of a feed (pages/shared_live.py), for somebody who was just allowed to see the job or sweep.

    A fragment that was itself fetched by a link repeats that link: it must not prolong what it lives by.
    """
    endpoint = f"shared_live.{feed}" if kind == JOB else f"shared_live.{kind}_{feed}"
    return url_for(endpoint, **{f"{kind}_id": row_id}, key=key_of(row_id, kind))  # type: ignore[arg-type]


def key_of(row_id: int, kind: str = JOB) -> str:
    """The key that this answer hands on."""
    if is_linked(row_id, kind):
        return request.args["key"]
    return signed(row_id, window_now(row_id), kind)


def is_valid(row_id: int, key: str, kind: str = JOB) -> bool:
    """Whether the key opens these feeds now.  Asks no database: a stranger's guesses cost next to nothing."""
    now = window_now(row_id)
    given = key.encode(errors="replace")
    return any(hmac.compare_digest(signed(row_id, window, kind).encode(), given) for window in (now, now - 1))


def open_by_link(row_id: int, kind: str = JOB) -> None:
    """From here on this request may see that job or sweep, and nothing else."""
    g.linked = kind, row_id


def is_linked(row_id: int, kind: str = JOB) -> bool:
    return bool(g.get("linked") == (kind, row_id))


def window_now(row_id: int) -> int:
    """Jobs change windows at different moments, so that not all their watchers come for a new link at once."""
    return int(datetime.now(UTC).timestamp() + row_id * 61) // WINDOW_S


def signed(row_id: int, window: int, kind: str = JOB) -> str:
    key = hmac.digest(settings().secret_key.encode(), ABOUT, hashlib.sha256)
    return hmac.digest(key, f"{kind} {row_id} {window}".encode(), hashlib.sha256)[:16].hex()  # 128 bits
