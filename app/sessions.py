"""The session cookie: how it is named and guarded, and how long a sign-in lasts."""

from datetime import UTC, datetime, timedelta

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

LASTS = timedelta(days=7)  # since the sign-in, however busy; idle ones end earlier, see configuration.py


class Cookies(SecureCookieSessionInterface):
    """Over https the cookie is bound to this host and never sent without encryption."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-dynometer" if request.is_secure else "dynometer"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def set_up(app: Flask) -> None:
    app.session_interface = Cookies()


def is_over() -> bool:
    """Whether the sign-in is too long ago; Flask-Security keeps its moment in `fs_paa`."""
    signed_in_at = session.get("fs_paa", 0.0)
    return bool(datetime.now(UTC).timestamp() - signed_in_at > LASTS.total_seconds())
