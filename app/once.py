"""Forms whose answer shows a secret once: pressed twice, they show the same one and make no second.

The secret follows from a number that came with the form, by a key that only this installation has.
"""

import base64
import hashlib
import hmac
import secrets

from flask import current_app

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
