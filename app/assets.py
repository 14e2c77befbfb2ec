"""Static files: served by WhiteNoise where no nginx does, under URLs that change with the content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from app.headers import HEADERS

STATIC = Path(__file__).with_name("static")
A_YEAR_S = 365 * 24 * 3600


def set_up(app: Flask) -> None:
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=STATIC, prefix="static/", max_age=A_YEAR_S, add_headers_function=harden, index_file=False
    )
    app.jinja_env.globals["asset"] = asset


def harden(headers: "dict[str, str]", path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value


@lru_cache
def asset(name: str) -> str:
    """The URL of a static file, new whenever the file changes: browsers may keep it for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
