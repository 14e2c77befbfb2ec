"""The gate: who asks, and may they?  Everything is denied that is not allowed here."""

import hashlib
import re
from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]
from werkzeug.exceptions import Unauthorized

from app import sessions
from app.accounts import Account, account_of
from app.current import database
from store import tokens
from store.account_models import Token

V = TypeVar("V", bound=Callable[..., object])
ANONYMOUS = frozenset(
    {
        "setup.show", "setup.create", "join.show", "join.create", "sign_in.show", "sign_in.enter", "second_step.show",
        "second_step.check", "passkey_sign_in.ask", "passkey_sign_in.check", "reset.show", "reset.change",
        "provider.leave", "provider.back", "appearance.choose", "shared_live.fragment",
        "shared_live.series", "shared_live.tiles", "shared_live.sweep_fragment", "shared.show", "shared.badge",
        "shared.export", "shared_charts.scaling_json", "shared_charts.scaling_svg", "shared_charts.scaling_png",
        "shared_charts.lanes_json", "shared_charts.lanes_svg", "shared_charts.lanes_png",
        "health.healthz", "health.readyz", "problems.show", "api-docs.openapi_json",
    }
)  # fmt: skip
SAFE = ("GET", "HEAD", "OPTIONS")


class Role(IntEnum):
    """What an account may do; each may all that those before it may."""

    VIEWER = 1  # reads
    RUNNER = 2  # starts and cancels jobs and sweeps
    OPERATOR = 3  # sees everybody's jobs and sweeps
    ADMIN = 4


SCOPES = {"read": Role.VIEWER, "run": Role.OPERATOR, "admin": Role.ADMIN}  # what a token may at most, whoever owns it


def set_up(app: Flask) -> None:
    app.before_request(gate)
    app.jinja_env.globals["may_start"] = lambda: (g.get("role") or 0) >= Role.RUNNER


def gate() -> ResponseReturnValue | None:
    """Let the request through, or answer in its place."""
    g.token, g.role, g.sign_in = None, None, None
    if request.endpoint is None:  # no such page: routing answers 404 or 405, with the menu for those signed in
        come_in(None if "Authorization" in request.headers else sessions.by_cookie())
        return None
    if request.endpoint in ANONYMOUS:
        come_in(None)
        check_csrf()
        return None
    account = by_token() if "Authorization" in request.headers else sessions.by_cookie()
    if account is None:
        return ask_to_sign_in()
    come_in(account)
    g.role = role_of(account, g.token)
    if g.role < needed_role():
        abort(403)
    if g.token is None:
        check_csrf()
    return None


def by_token() -> Account | None:
    """The owner of the bearer token.  A wrong one never falls back to the cookie."""
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    with database().reading() as reading:
        found = tokens.owner_of_token(reading, hash_token(secret.strip()))
    if found is None:
        return None
    if found.is_use_stale:
        with database().writing() as writing:
            tokens.note_use(writing, found.token.id)
    g.token = found.token
    return account_of(found.owner)


def hash_token(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def come_in(account: Account | None) -> None:
    """From here on `current_user` is this account, whatever the cookie says; pages read `g.account`."""
    g.account = account
    current_app.login_manager._update_request_context_with_user(account)  # type: ignore[attr-defined]


def role_of(account: Account, token: Token | None) -> Role | int:
    """The highest role held, capped by the scope of the token."""
    held = max((Role[name.upper()] for name in account.role_names if name.upper() in Role.__members__), default=0)
    return held if token is None else min(held, SCOPES.get(token.scope, 0))


def needs(role: Role) -> Callable[[V], V]:
    """Mark a view with the role it asks for in place of the usual one."""

    def mark(view: V) -> V:
        view.needed_role = role  # type: ignore[attr-defined]
        return view

    return mark


def needed_role() -> Role:
    """What the view says, else viewer to read and runner to change."""
    view = current_app.view_functions[request.endpoint or ""]
    return getattr(view, "needed_role", Role.VIEWER if request.method in SAFE else Role.RUNNER)


def check_csrf() -> None:
    """What changes something must come from a page of ours: says the browser, and proves the token."""
    if request.method in SAFE:
        return
    if is_from_elsewhere():
        abort(400, "Another site sent this request.")
    current_app.extensions["csrf"].protect()


def is_from_elsewhere() -> bool:
    """As the browser says; over plain http it tells the Origin alone, which is null for forms of pages like ours."""
    origin = request.headers.get("Origin", "null")
    is_foreign = origin != "null" and without_port(origin.partition("://")[2]) != without_port(request.host)
    return is_foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def without_port(host: str) -> str:
    """Some proxies leave it out."""
    return re.sub(r":[0-9]+$", "", host).lower()


def ask_to_sign_in() -> ResponseReturnValue:
    """A page leads to the sign-in; a fragment makes the whole page go there; the API says 401."""
    if request.path.startswith("/api/"):
        raise Unauthorized("This needs an API token: `Authorization: Bearer ...`.")
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": url_for("sign_in.show")}
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.show", next=None if here == "/" else here))


def caller() -> Account:
    """Who asks; only behind the gate."""
    account: Account = current_user._get_current_object()
    return account


def visible_owner() -> int | None:
    """Whose jobs and sweeps the caller sees: their own, or everybody's (None)."""
    return None if g.role >= Role.OPERATOR else caller().id
