"""The settings: one file per section; what is listed here is what the side menu shows."""

from dataclasses import dataclass

from flask import Blueprint

from app.access import Role


@dataclass(frozen=True)
class Section:
    """A section of the settings and who may see it."""

    endpoint: str
    title: str
    needs: Role = Role.VIEWER


SECTIONS: tuple[Section, ...] = (Section("appearance.show", "Appearance"),)
BLUEPRINTS: tuple[Blueprint, ...] = ()
