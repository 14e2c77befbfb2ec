"""Making and revoking public links to a sweep."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import caller
from app.audit import note
from app.current import database
from app.start_sweep import subject_of
from app.sweep_view import is_measured, visible_sweep
from store.sweep_shares import MOST_OPEN, make_share, revoke_share, shares_of

bp = Blueprint("share", __name__)


@bp.post("/sweeps/<id:sweep_id>/share")
def make(sweep_id: int) -> ResponseReturnValue:
    """Only of one that is over: what others see must not change under them."""
    with database().writing() as session:
        sweep = visible_sweep(session, sweep_id)
        if not is_measured(sweep):
            flash("No link was made: a sweep can be shared once it is over and holds a window that counts.", "warn")
        elif len(shares_of(session, sweep_id)) >= MOST_OPEN:
            flash(f"No link was made: {MOST_OPEN} open this sweep already. Revoke one first.", "warn")
        else:
            share = make_share(session, sweep_id, caller().id)
            note(session, "share-made", subject_of(sweep), detail={"link": share.slug[:4]})
            flash("The link is made: whoever has it may read this report, without an account.")
    return redirect(url_for("sweep.show", sweep_id=sweep_id, _anchor="share"), code=303)


@bp.post("/sweeps/<id:sweep_id>/share/revoke")
def revoke(sweep_id: int) -> ResponseReturnValue:
    with database().writing() as session:
        sweep, slug = visible_sweep(session, sweep_id), request.form.get("slug", "")
        if is_ended := revoke_share(session, sweep_id, slug):
            note(session, "share-revoked", subject_of(sweep), detail={"link": slug[:4]})
    flash("The link opens nothing any more." if is_ended else "That link was over already.", "message")
    return redirect(url_for("sweep.show", sweep_id=sweep_id, _anchor="share"), code=303)
