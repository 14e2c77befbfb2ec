"""The settings: one file per section; what is listed here is what the side menu shows."""

from dataclasses import dataclass

from flask import Blueprint, Flask, g

from app.access import Role
from app.pages.settings import passkeys, profile, second_factor, security


@dataclass(frozen=True)
class Section:
    """A section of the settings and who may see it."""

    endpoint: str
    title: str
    needs: Role = Role.VIEWER


SECTIONS: tuple[Section, ...] = (
    Section("profile.show", "Profile"),
    Section("security.show", "Security"),
)
BLUEPRINTS: tuple[Blueprint, ...] = (profile.bp, security.bp, second_factor.bp, passkeys.bp)


def set_up(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.context_processor(menu)


def menu() -> dict[str, list[Section]]:
    """What the caller may see, for the side menu."""
    return {"sections": [section for section in SECTIONS if (g.get("role") or 0) >= section.needs]}
