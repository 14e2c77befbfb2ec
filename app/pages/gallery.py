"""Every piece of the pages in every state, for those who work on them; only in the development build."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.errors import answer
from app.palette import SERIES
from app.problems import KINDS, Problem, kind_of

bp = Blueprint("gallery", __name__)
LONG = "A title that somebody made far longer than anybody thought it could be, " * 4
UNBROKEN = "nobody-breaks-this-word-" * 12


@bp.get("/gallery")
def show() -> ResponseReturnValue:
    return render_template("gallery.html", series=SERIES, statuses=sorted(KINDS), long=LONG, unbroken=UNBROKEN)


@bp.get("/gallery/problems/<int:status>")
def problem(status: int) -> ResponseReturnValue:
    """An error page as it would come."""
    retry_after_s = 5 if status in (429, 503) else None
    return answer(Problem(kind_of(status), "", retry_after_s=retry_after_s), status if status in KINDS else 404)
