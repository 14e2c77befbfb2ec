"""Static files: served by WhiteNoise where no nginx does, under URLs that change with the content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from whitenoise import WhiteNoise

from app.headers import HEADERS, HSTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STATIC = Path(__file__).with_name("static")
A_YEAR_S = 365 * 24 * 3600


class StaticFiles(WhiteNoise):
    """WhiteNoise, and over https what says that it shall stay so."""

    @staticmethod
    def serve(static_file: Any, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            is_secure = environ["wsgi.url_scheme"] == "https"
            return start_response(
                status, [*headers, ("Strict-Transport-Security", HSTS)] if is_secure else headers, *rest
            )

        return WhiteNoise.serve(static_file, environ, start)


def set_up(app: Flask) -> None:
    """Behind front_door's ProxyFix, which wraps this: the scheme is the browser's."""
    app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
        app.wsgi_app, root=STATIC, prefix="static/", max_age=A_YEAR_S, add_headers_function=harden, index_file=False,
        allow_all_origins=False,
    )  # fmt: skip
    app.jinja_env.globals["asset"] = asset


def harden(headers: "dict[str, str]", path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value


@lru_cache
def asset(name: str) -> str:
    """The URL of a static file, new whenever the file changes: browsers may keep it for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
