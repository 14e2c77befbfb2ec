"""Answers that are made only when the caller does not have them already."""

from collections.abc import Callable

from flask import Response, request


def unless_known(version: str, make: Callable[[], str | bytes], mimetype: str = "text/html") -> Response:
    """304 without calling `make` when the caller named `version`, else its answer under that ETag.

    The caller may keep it, but must ask each time: it belongs to whoever is signed in.
    """
    is_known = request.if_none_match.contains(version)
    response = Response(status=304) if is_known else Response(make(), mimetype=mimetype)
    response.set_etag(version)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
