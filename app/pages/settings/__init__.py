"""The settings: one file per section; what is listed here is what the side menu shows."""

from collections.abc import Sequence

from flask import Blueprint, Flask, g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access import Role
from app.pages.settings import (
    about,
    appearance,
    audit,
    invitations,
    limits,
    passkeys,
    people,
    profile,
    second_factor,
    security,
    tokens,
)
from app.pages.settings.shell import Section

SECTIONS = (
    Section("profile.show", "Profile"),
    Section("security.show", "Security", blueprints=("security", "second_factor", "passkeys")),
    Section("appearance.show", "Appearance"),
    Section("tokens.show", "API tokens"),
    Section("limits.show", "Limits", blueprints=("limits",)),
    Section("people.show", "People", Role.ADMIN, ("people",)),
    Section("invitations.show", "Invitations", Role.ADMIN),
    Section("audit.show", "Audit log", Role.ADMIN),
    Section("about.show", "About"),
)
BLUEPRINTS = (
    profile.bp, security.bp, second_factor.bp, passkeys.bp, appearance.bp, tokens.bp, limits.bp, people.bp,
    invitations.bp, audit.bp, about.bp,
)  # fmt: skip
bp = Blueprint("settings", __name__)


def set_up(app: Flask) -> None:
    for part in (bp, *BLUEPRINTS):
        app.register_blueprint(part)
    app.context_processor(menu)


def menu() -> dict[str, Sequence[Section]]:
    """What the caller may see, for the side menu."""
    return {"sections": sections()}


def sections() -> Sequence[Section]:
    return [section for section in SECTIONS if (g.get("role") or 0) >= section.needs]


@bp.get("/settings")
def show() -> ResponseReturnValue:
    return redirect(url_for(sections()[0].endpoint))
