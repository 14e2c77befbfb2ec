"""Codes that change every half minute (RFC 6238), and those for the day the device is lost."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from markupsafe import Markup

from app.current import database, settings
from app.logs import log
from store import second_factors
from store.people import hash_code

STEP_S = 30
STEPS_ASIDE = 1  # a telephone's clock may be half a minute off, and typing takes time
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
RECOVERY_GROUPS, GROUP_CHARS = 4, 4  # 79 bits: one fast hash is enough
ISSUER = "Dynometer"


def new_secret() -> str:
    return pyotp.random_base32()


def sealed(secret: str) -> str:
    """As the table keeps it: a copy of the database alone gives no codes."""
    return _fernet().encrypt(secret.encode()).decode()


def unsealed(kept: str) -> str | None:
    """None when the installation's key is another one by now."""
    try:
        return _fernet().decrypt(kept.encode()).decode()
    except InvalidToken:
        log.error("second factor unreadable", hint="DYNOMETER_SECRET_KEY is not the one it was set up with.")
        return None


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"dynometer: secrets of second factors")
    return Fernet(urlsafe_b64encode(derived.derive(settings().secret_key.encode())))


def address_of(secret: str, email: str) -> str:
    """What an authenticator app reads from the picture."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=email, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """The QR code as SVG: dark on light in every colour scheme, as readers want it."""
    drawn = segno.make(address, error="m").svg_inline(border=2, omitsize=True, dark="#000", light="#fff", svgclass="qr")
    return Markup(drawn)  # noqa: S704 # nosemgrep # nosec B704 - by segno: dots


def step_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is, if it is the present one or its neighbour."""
    code = re.sub(r"\s", "", code)
    now = int(datetime.now(UTC).timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    near = range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1)
    right = [step for step in near if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return right[0] if right else None


def use(user_id: int, code: str) -> bool:
    """Use up a code of either kind; False when it is wrong or was used before."""
    with database().writing() as writing:
        factor = second_factors.confirmed(writing, user_id)
        if factor is None:
            return False
        secret = unsealed(factor.secret)
        step = step_of(secret, code) if secret else None
        if step is not None:
            return second_factors.use_step(writing, user_id, step)
        return second_factors.use_recovery_code(writing, user_id, hash_code(_plain(code)))


def new_recovery_codes() -> list[str]:
    """Such as abcd-efgh-jkmn-pqrs; shown once."""
    groups = [
        "".join(secrets.choice(LETTERS) for _ in range(GROUP_CHARS)) for _ in range(RECOVERY_CODES * RECOVERY_GROUPS)
    ]
    return ["-".join(groups[first : first + RECOVERY_GROUPS]) for first in range(0, len(groups), RECOVERY_GROUPS)]


def hashes_of(recovery_codes: Sequence[str]) -> list[str]:
    return [hash_code(_plain(code)) for code in recovery_codes]


def _plain(code: str) -> str:
    """However somebody types it."""
    return re.sub(r"[\s-]", "", code).lower()
