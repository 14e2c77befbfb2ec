"""Signing in with a passkey: a question, and the answer that the browser's owner let it sign."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app import passkeys, sessions, signing_in
from app.pages.sign_in import own_page
from app.tries import HaveToWait, count_wrong_answer
from dynometer.errors import InvalidInput

bp = Blueprint("passkey_sign_in", __name__)


@bp.post("/sign-in/passkey/question")
def ask() -> ResponseReturnValue:
    return jsonify(passkeys.sign_in_question())


@bp.post("/sign-in/passkey")
def check() -> ResponseReturnValue:
    """A key that its owner had to unlock is two proofs at once, so no code is asked for besides."""
    try:
        account = passkeys.owner_by_answer(sent_json())
        sessions.begin(account, "passkey")
    except InvalidInput as error:
        try:
            count_wrong_answer()
        except HaveToWait as wait:
            return in_words(wait)
        signing_in.refused("", "passkey")
        return in_words(error)
    return jsonify(to=own_page(request.args.get("next", "")))


def sent_json() -> Any:
    """What a script of ours sent; None when it is no JSON."""
    try:
        return request.get_json(silent=True)
    except RecursionError:  # nested by the thousand
        return None


def in_words(error: InvalidInput | HaveToWait) -> ResponseReturnValue:
    """What the page shows beside the button."""
    words = jsonify(error=f"{error} {error.hint}".strip(), fields=getattr(error, "fields", {}))
    if isinstance(error, HaveToWait):
        return words, 429, {"Retry-After": str(error.retry_after_s)}
    return words, 422
