"""What can go wrong, in words: one kind per status, the same for pages and API."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("problems", __name__)
NOTHING_CHANGED = "Nothing was changed. Jobs that were accepted go on."


@dataclass(frozen=True)
class Kind:
    """A family of problems; its slug ends the `type` of an API answer, which leads to its page."""

    status: int
    slug: str
    title: str
    remedy: str  # the next thing to try
    kept: str = NOTHING_CHANGED  # what of the user's work is safe


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong."""

    kind: Kind
    detail: str
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict)  # field name -> sentence
    retry_after_s: int | None = None
    members: dict[str, Any] = field(default_factory=dict)  # more that an API answer says


KINDS = {
    kind.status: kind
    for kind in (
        Kind(400, "bad-request", "This request can't be read", remedy="Go back, reload the page, and try again."),
        Kind(401, "sign-in-needed", "Please sign in", remedy="Sign in, or send a valid API token."),
        Kind(403, "not-allowed", "Your account may not do this", remedy="Ask an administrator for the role it takes."),
        Kind(404, "not-found", "There is nothing here", remedy="Check the address, or look in the list of jobs."),
        Kind(
            405, "wrong-method", "This address does not take that method",
            remedy="Use the links and buttons of the pages; the API's document lists the methods it takes.",
        ),
        Kind(409, "conflict", "Not possible in this state", remedy="Look at the present state, then decide again."),
        Kind(413, "too-large", "This is too large", remedy="Send less at once, or split it into several jobs."),
        Kind(415, "wrong-content-type", "This content type is not read here", remedy="Send application/json."),
        Kind(422, "invalid-input", "Some of the input does not fit", remedy="Correct what is named and send it again."),
        Kind(429, "too-many", "Too many at once", remedy="Wait for the time given and try again."),
        Kind(
            500, "our-fault", "Something went wrong on our side", kept="Jobs that were accepted go on.",
            remedy="Try again. If it stays, give the request id to whoever runs this Dynometer: it is in the log.",
        ),
        Kind(
            503, "unavailable", "Not available right now",
            kept="Jobs that were accepted are safe and go on by themselves.",
            remedy="Wait a few seconds and try again; `./dyno doctor` explains what is missing.",
        ),
    )
}  # fmt: skip


def kind_of(status: int) -> Kind:
    """The nearest kind there is."""
    return KINDS.get(status) or KINDS[400 if status < 500 else 500]


@bp.get("/problems/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """What a problem's `type` leads to."""
    kind = next((kind for kind in KINDS.values() if kind.slug == slug), None)
    return render_template("problem.html", kind=kind or abort(404))
