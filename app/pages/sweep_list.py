"""Sweeps: searched, filtered, sorted and paged on the server, all of it in the URL; and results brought in."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import caller, visible_owner
from app.current import database, settings
from app.sweep_filters import SORTS, STATES, filters_from
from app.sweep_import import import_from
from app.sweep_rows import known_models, sweep_rows
from dynometer.errors import InvalidInput
from store.sweep_list import COUNTED, count_matches, page_of

bp = Blueprint("sweeps", __name__)
PAGE = 25


@bp.get("/sweeps")
def show() -> ResponseReturnValue:
    return list_page()


@bp.post("/sweeps/import")
def bring_in() -> ResponseReturnValue:
    """A result file that the command line wrote."""
    try:
        sweep_id = import_from(request, caller().id)
    except InvalidInput as error:
        return list_page(error.fields or {"file": str(error)}), 422
    return redirect(url_for("sweep.show", sweep_id=sweep_id), code=303)


def list_page(errors: dict[str, str] | None = None) -> str:
    filters, owner_id = filters_from(request.args), visible_owner()
    wanted = filters.wanted(owner_id, caller().id, PAGE)
    with database().reading() as session:
        page, matches = page_of(session, wanted), count_matches(session, wanted)
        rows = sweep_rows(session, page.sweeps)
    return render_template(
        "sweeps.html", rows=rows, page=page, matches=matches, counted=COUNTED, filters=filters, states=STATES,
        sorts=SORTS, models=known_models(), sees_everybody=owner_id is None, errors=errors or {},
        body_max_bytes=settings().body_max_bytes,
    )  # fmt: skip
