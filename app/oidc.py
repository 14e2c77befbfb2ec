"""Signing in through an OpenID Connect provider, by Authlib: code with PKCE, state and nonce.

Somebody is who the provider's issuer and subject say, and never who has the same e-mail address.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, session
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from app.accounts import Account, account_of, valid_email
from app.audit import note
from app.current import database, settings
from app.logs import log
from dynometer.errors import InvalidInput
from settings import ConfigError, Settings
from store import people
from store.accounts import ensure_roles

ROLES = ("viewer", "runner", "operator")  # nobody becomes administrator by signing in
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # no shared key
TIMEOUT_S = 10
QUESTION = "_state_provider_"  # as Authlib calls what it keeps in the cookie
NO_ACCOUNT = "You have no account here."
ASK = "Ask an administrator for one; if you have a password, sign in with it."
AWAY = "The provider did not answer as it should."


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for."""

    subject: str  # issuer and subject
    email: str  # "" when the provider does not vouch for it


def set_up(app: Flask) -> None:
    """Nothing of it is even imported until an issuer is named.  Raises ConfigError."""
    given: Settings = app.extensions["settings"]
    app.jinja_env.globals["has_provider"] = bool(given.oidc_issuer)
    if not given.oidc_issuer:
        return
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError:
        raise ConfigError(
            "DYNOMETER_OIDC_ISSUER is set, and Authlib is not installed.", hint="pip install -r requirements-oidc.txt"
        ) from None
    if given.oidc_role and given.oidc_role not in ROLES:
        raise ConfigError(f"DYNOMETER_OIDC_ROLE must be one of {', '.join(ROLES)}, or empty to let nobody new in.")
    app.extensions["provider"] = OAuth(app).register(
        "provider",
        client_id=given.oidc_client_id,
        client_secret=client_secret(given),
        server_metadata_url=given.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": TIMEOUT_S},
    )


def client_secret(given: Settings) -> str:
    """Raises ConfigError."""
    path = given.oidc_client_secret_file
    try:
        secret = Path(path).read_text().strip() if path else given.oidc_client_secret
    except OSError as error:
        raise ConfigError(f"DYNOMETER_OIDC_CLIENT_SECRET_FILE can't be read: {error.strerror}.") from None
    if not (secret and given.oidc_client_id):
        raise ConfigError(
            "DYNOMETER_OIDC_ISSUER needs a client's id and its secret.",
            hint="Set DYNOMETER_OIDC_CLIENT_ID, and DYNOMETER_OIDC_CLIENT_SECRET_FILE or DYNOMETER_OIDC_CLIENT_SECRET.",
        )
    return secret


def provider() -> Any:
    """Authlib's client; None when no provider is configured."""
    return current_app.extensions.get("provider")


def trusting() -> Any:
    """Authlib's client, which believes no signature that needs no private key, whatever the provider's list says."""
    client = provider()
    listed = client.load_server_metadata().get("id_token_signing_alg_values_supported") or ["RS256"]
    client.server_metadata["id_token_signing_alg_values_supported"] = [name for name in listed if name in ALGORITHMS]
    return client


def question(back: str) -> ResponseReturnValue:
    """The redirect to the provider.  Raises InvalidInput when it can't be reached."""
    try:
        answer: ResponseReturnValue = trusting().authorize_redirect(back)
    except Exception as error:
        log.warning("provider away", error=str(error))
        raise InvalidInput(AWAY, hint="Sign in with a password, or try again.") from error
    return answer


def is_asked(state: str) -> bool:
    """Whether this browser waits for the answer to that question."""
    return f"{QUESTION}{state}" in session


def forget_questions() -> None:
    """Those of this browser; nothing else of its cookie."""
    for key in [key for key in session if key.startswith(QUESTION)]:
        session.pop(key)


def answer() -> Vouched:
    """Whom the provider vouches for, once its answer has proved to be one to our question.  Raises InvalidInput."""
    try:
        token = trusting().authorize_access_token()
        claims: dict[str, Any] = token["userinfo"]  # of the ID token: signature, issuer, audience, nonce, time checked
    except Exception as error:
        log.warning("sign-in by provider refused", error=f"{type(error).__name__}: {error}")
        raise InvalidInput("The provider's answer does not fit.", hint="Sign in again.") from error
    issuer, subject = claims.get("iss"), claims.get("sub")
    if issuer != settings().oidc_issuer or not isinstance(subject, str) or not subject:
        raise InvalidInput(AWAY)
    is_verified = claims.get("email_verified") is True  # else its owner may have typed in anybody's
    return Vouched(f"{issuer} {subject}", str(claims.get("email") or "") if is_verified else "")


def account_for(vouched: Vouched) -> Account:
    """The account of whom the provider vouches for; a new one where the settings allow.  Raises InvalidInput."""
    account = known(vouched)
    if account is None:
        try:
            account = new_account(vouched)
        except IntegrityError:  # made at the same moment: by this person's other browser, or with this address
            account = known(vouched)
    if account is None:
        raise InvalidInput(NO_ACCOUNT, hint=ASK)
    if not account.active:
        raise InvalidInput("This account is disabled.")
    return account


def known(vouched: Vouched) -> Account | None:
    with database().reading() as reading:
        return account_of(people.person_by_oidc_subject(reading, vouched.subject))


def new_account(vouched: Vouched) -> Account | None:
    """None, whatever the reason: which addresses have an account here is nobody's business."""
    role = settings().oidc_role
    try:
        email = valid_email(vouched.email)
    except ValueError:
        return None
    with database().writing() as writing:
        if not role or people.person_by_email(writing, email) is not None:
            return None
        ensure_roles(writing)
        g.account = account = account_of(people.add_person(writing, email, None, [role], vouched.subject))
        note(writing, "account-made", email, detail={"by": "provider", "role": role})
    return account
