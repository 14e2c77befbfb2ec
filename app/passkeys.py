"""Passkeys by the `webauthn` library: a key pair in somebody's device signs a question of ours.

The question lies in the signed cookie, so that any web node can judge the answer; that it is judged once is up to the
table: a key that has answered since the question was asked does not answer it again.
"""

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import request, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts import Account, account_of
from app.codes import ISSUER
from app.current import database
from dynometer.errors import InvalidInput
from store import passkeys, people
from store.account_models import Passkey

KEY = "asked"
VALID_S = 300.0
WRONG = "That passkey signs nobody in here."


def registration(account: Account, name: str) -> dict[str, Any]:
    """The question for a new key; its name waits in the cookie too."""
    with database().reading() as reading:
        known = passkeys.passkeys_of(reading, account.id)
    options = webauthn.generate_registration_options(
        rp_id=site(),
        rp_name=ISSUER,
        user_id=handle_of(account.id),
        user_name=account.email,
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(key.credential_id)) for key in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return _asked(options, "registration", name=name)


def registered(answer: Any) -> tuple[str, bytes, int, str]:
    """Credential id, public key, count and name of the new key.  Raises InvalidInput."""
    asked = _take_asked("registration")
    try:
        if not isinstance(answer, dict):  # the library takes other things for programming errors
            raise TypeError
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(asked["challenge"]),
            expected_rp_id=site(),
            expected_origin=origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidInput("That was no passkey for this Dynometer.", hint="Nothing was added.") from error
    credential_id = bytes_to_base64url(verified.credential_id)
    return credential_id, verified.credential_public_key, verified.sign_count, asked["name"]


def sign_in_question() -> dict[str, Any]:
    """For whoever has a key: the browser knows which."""
    options = webauthn.generate_authentication_options(
        rp_id=site(), user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(options, "sign-in")


def owner_by_answer(answer: Any) -> Account:
    """Whose key signed the question.  Raises InvalidInput, in the same words whatever is wrong."""
    asked = _take_asked("sign-in")
    with database().reading() as reading:
        key = passkeys.passkey_by_credential(reading, _credential_id(answer))
        account = account_of(people.person_by_id(reading, key.user_id)) if key else None
    if key is None or account is None or not account.active:
        raise InvalidInput(WRONG)
    sign_count = _verified_count(answer, asked, key)
    with database().writing() as writing:
        if not passkeys.use(writing, key.id, sign_count, asked["at"]):
            raise InvalidInput(WRONG)
    return account


def _verified_count(answer: Any, asked: dict[str, Any], key: Passkey) -> int:
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(asked["challenge"]),
            expected_rp_id=site(),
            expected_origin=origin(),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(WRONG) from error
    return verified.new_sign_count


def _asked(options: Any, purpose: str, **kept: str) -> dict[str, Any]:
    """The options as JSON for the browser; the question is remembered."""
    with database().reading() as reading:
        at = passkeys.moment(reading)
    session[KEY] = {"challenge": bytes_to_base64url(options.challenge), "for": purpose, "at": at, **kept}
    as_json: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return as_json


def _take_asked(purpose: str) -> dict[str, Any]:
    """The question that waits for an answer.  Raises InvalidInput when there is none of this kind, or it is old."""
    asked = session.pop(KEY, None)
    with database().reading() as reading:
        now = passkeys.moment(reading)
    if not isinstance(asked, dict) or asked["for"] != purpose or now - asked["at"] > VALID_S:
        raise InvalidInput("That took too long.", hint="Try again.")
    return asked


def _credential_id(answer: Any) -> str:
    given = answer.get("id") if isinstance(answer, dict) else None
    return given if isinstance(given, str) and given.isascii() and "\0" not in given else ""


def handle_of(user_id: int) -> bytes:
    """What a key keeps of its owner: a number, as it may show it to whoever holds the device."""
    return b"dynometer" + user_id.to_bytes(8, "big")


def site() -> str:
    """The name that keys are bound to."""
    return urlsplit(request.host_url).hostname or ""


def origin() -> str:
    return request.host_url.rstrip("/")


def is_nameless() -> bool:
    """Whether the page was opened by an IP address, which no key can be bound to."""
    try:
        ip_address(site())
    except ValueError:
        return False
    return True
