"""A sweep by its public link: read-only, the same for all who have it, and no session is asked for."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.current import database
from app.sweep_files import badge_of, file_of
from app.sweep_links import SharedLinks, shared_card
from app.sweep_report import report_parts
from app.sweep_view import SweepView, shared_sweep_of, view_of

bp = Blueprint("shared", __name__)
FOR_A_WHILE = "public, max-age=30"  # a revoked link opens nothing after that, whatever keeps a copy


@bp.get("/r/<slug>")
def show(slug: str) -> ResponseReturnValue:
    view = view_by(slug)
    links = SharedLinks(slug)
    page = render_template(
        "shared.html", view=view, sweep=view.sweep, progress=view.progress, slug=slug,
        **report_parts(view, request.args, links),
    )  # fmt: skip
    return for_everybody(make_response(page))


@bp.get("/r/<slug>.<ending>")
def export(slug: str, ending: str) -> ResponseReturnValue:
    return for_everybody(file_of(view := view_by(slug), ending, shared_card(view, slug), request.args))


@bp.get("/r/<slug>/badge.<ending>")
def badge(slug: str, ending: str) -> ResponseReturnValue:
    """For a README: as SVG, and as JSON for Shields."""
    return for_everybody(badge_of(view := view_by(slug), ending, shared_card(view, slug)))


def view_by(slug: str) -> SweepView:
    """Raises NotFound."""
    with database().reading() as session:
        return view_of(session, shared_sweep_of(session, slug))


def for_everybody(response: Response) -> Response:
    """Kept by caches for a short time; found by no search engine."""
    response.headers["Cache-Control"] = FOR_A_WHILE
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
