"""Passkeys: added, renamed, removed.  Adding needs a script, as only a script can ask the browser for one."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import audit, passkeys, sessions
from app.access import Role, caller, needs
from app.current import database
from app.pages.passkey_sign_in import in_words, sent_json
from app.pages.sign_in import refused
from app.proof import prove, refuse_tokens
from app.tries import HaveToWait
from dynometer.errors import InvalidInput, NotFound
from dynometer.workloads.parameters import is_storable
from store import passkeys as keys
from store.account_models import Passkey

bp = Blueprint("passkeys", __name__, url_prefix="/settings/security/passkeys")
bp.before_request(refuse_tokens)
NAME_CHARS_MAX = 60


@bp.get("/add")
def show() -> ResponseReturnValue:
    return render_template("settings/add_passkey.html", is_nameless=passkeys.is_nameless())


@bp.post("/question")
@needs(Role.VIEWER)
def ask() -> ResponseReturnValue:
    try:
        name = name_in(request.form.get("name", ""))
        prove(caller(), request.form.get("password", ""))
    except (InvalidInput, HaveToWait) as error:
        return in_words(error)
    return jsonify(passkeys.registration(caller(), name))


@bp.post("")
@needs(Role.VIEWER)
def add() -> ResponseReturnValue:
    try:
        credential_id, public_key, sign_count, name = passkeys.registered(sent_json())
        with database().writing() as session:
            sessions.still_in(session, caller())
            if not keys.add(session, caller().id, credential_id, public_key, sign_count, name):
                raise InvalidInput(f"That passkey is known already, or you have {keys.MOST}.")
            kept = changed(session, "passkey-added", name)
    except InvalidInput as error:
        return in_words(error)
    sessions.hold(kept)
    flash("The passkey is added. Every other browser is signed out.")
    return jsonify(to=url_for("security.show"))


@bp.post("/<id:passkey_id>/name")
@needs(Role.VIEWER)
def rename(passkey_id: int) -> ResponseReturnValue:
    name = name_in(request.form.get("name", ""))
    with database().writing() as session:
        if not keys.rename(session, caller().id, passkey_id, name):
            raise NotFound("You have no such passkey.")
    return redirect(url_for("security.show"), code=303)


@bp.get("/<id:passkey_id>")
def one(passkey_id: int) -> ResponseReturnValue:
    return render_template("settings/passkey.html", passkey=own(passkey_id), errors={})


@bp.post("/<id:passkey_id>/remove")
@needs(Role.VIEWER)
def remove(passkey_id: int) -> ResponseReturnValue:
    passkey = own(passkey_id)
    try:
        prove(caller(), request.form.get("password", ""))
    except (InvalidInput, HaveToWait) as error:
        return refused("settings/passkey.html", error, passkey=passkey)
    with database().writing() as session:
        sessions.still_in(session, caller())
        name = keys.remove(session, caller().id, passkey_id)
        if name is None:
            raise NotFound("You have no such passkey.")
        kept = changed(session, "passkey-removed", name)
    sessions.hold(kept)
    flash("The passkey is removed. Every other browser is signed out.")
    return redirect(url_for("security.show"), code=303)


def own(passkey_id: int) -> Passkey:
    with database().reading() as session:
        found = next((key for key in keys.passkeys_of(session, caller().id) if key.id == passkey_id), None)
    if found is None:
        raise NotFound("You have no such passkey.")
    return found


def name_in(given: str) -> str:
    """What its owner calls it.  Raises InvalidInput."""
    name = " ".join(given.split())
    if not name or len(name) > NAME_CHARS_MAX or not name.isprintable() or not is_storable(name):
        words = f"must have 1 to {NAME_CHARS_MAX} characters that can be printed"
        raise InvalidInput("The passkey has no name yet.", fields={"name": words})
    return name


def changed(session: Session, action: str, name: str) -> str:
    """Who was in before the change is out, but for this browser."""
    audit.note(session, action, name)
    return sessions.end_all_but_here(session, caller())
