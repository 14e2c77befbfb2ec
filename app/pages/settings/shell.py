"""What all sections of the settings share: a menu by role, and that only people come here."""

from dataclasses import dataclass

from flask import Blueprint, abort, g

from app.access import Role


@dataclass(frozen=True)
class Section:
    """A section of the settings and who may see it."""

    endpoint: str
    title: str
    needs: Role = Role.VIEWER
    blueprints: tuple[str, ...] = ()  # of the pages that lead on from it


def section_blueprint(name: str, needs: Role = Role.VIEWER) -> Blueprint:
    """A blueprint below /settings whose views all ask for this role."""
    bp = Blueprint(name, f"app.pages.settings.{name}", url_prefix="/settings")

    @bp.before_request
    def only_people() -> None:
        """A token, which comes without a CSRF token, has the API; and it must not make what is stronger than itself."""
        if g.token is not None:
            abort(403, "The settings are for people; programs use the API.")
        if g.role < needs:
            abort(403)

    return bp
