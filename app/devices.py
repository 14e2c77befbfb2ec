"""Browsers that have signed in before: a signed cookie gives each a count of wrong tries of its own.

So whoever guesses elsewhere, or polls for each turn from the same network, does not keep the owner out.  The cookie
opens nothing, and counts only beside the address that it was given for: else an own account would buy tries at others.
"""

import hashlib
import secrets
from typing import Any

from flask import Response, after_this_request, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.current import settings

LASTS_S = 180 * 86_400


def known_device(email: str) -> str:
    """device:<id> when this browser has signed in with that address; else ""."""
    try:
        named, device = _signer().loads(request.cookies.get(_name(), ""), max_age=LASTS_S)
    except (BadData, ValueError):
        return ""
    return f"device:{device}" if named == named_by(email) else ""


def remember_device(email: str) -> None:
    """This browser signed in with that address."""
    if known_device(email):
        return
    value = _signer().dumps([named_by(email), secrets.token_urlsafe(16)])

    @after_this_request
    def give(response: Response) -> Response:
        kept: dict[str, Any] = {"max_age": LASTS_S, "httponly": True, "samesite": "Lax", "secure": request.is_secure}
        response.set_cookie(_name(), value, **kept)
        return response


def named_by(email: str) -> str:
    """What tables and cookies keep of an address that was typed."""
    return hashlib.sha256(email.strip().lower().encode(errors="replace")).hexdigest()


def _name() -> str:
    return "__Host-dynometer-device" if request.is_secure else "dynometer-device"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="a browser that signed in before")
