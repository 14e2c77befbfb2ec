"""Forms that do something once, however often they are pressed: each comes with a number of its own.

Where the answer shows a secret, a second press shows the same one: it follows from the number, by a key that only this
installation has.  Where it starts a job, a second press leads to the same job.
"""

import base64
import hashlib
import hmac
import secrets
from os import SEEK_END

from flask import Request, current_app

FORM_CHARS = 22  # of the number: 128 bits
SHOWN_FOR_S = 60.0  # a press is repeated at once, or it is somebody who looks through the browser's history


def new_form() -> str:
    """The number of a form, for its hidden field `form`."""
    return secrets.token_urlsafe(16)


def secret_of(form: str, purpose: str, owner_id: int) -> str:
    """256 bits, URL-safe; of a form that came without its number, random ones."""
    if len(form) != FORM_CHARS:
        return secrets.token_urlsafe(32)
    key = str(current_app.secret_key).encode()
    digest = hmac.digest(key, f"{purpose} {owner_id} {form}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def press_of(request: Request) -> str | None:
    """An Idempotency-Key: the same when the same form is sent again with the same content.

    None for a form without its number.  Of a file its name and length stand for the content: nobody changes it between
    two presses.
    """
    if len(request.form.get("form", "")) != FORM_CHARS:
        return None
    files = [(name, file.filename, file.seek(0, SEEK_END), file.seek(0)) for name, file in request.files.items()]
    sent = repr((list(request.form.items(multi=True)), files))
    return "form " + hashlib.sha256(sent.encode(errors="replace")).hexdigest()
