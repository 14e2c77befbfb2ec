"""What Flask and its extensions are told, from the settings."""

from typing import Any

from settings import ConfigError, Settings
from store.sign_ins import LASTS_S

PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX = 12, 128  # the larger one is Flask-Security's own


def of(settings: Settings) -> dict[str, Any]:
    """Raises ConfigError without a key of one's own: a default one would let anybody forge sessions."""
    if len(settings.secret_key) < 32:
        raise ConfigError(
            "DYNOMETER_SECRET_KEY must be a secret of at least 32 characters.",
            hint="`./dyno up` makes one and keeps it in its data folder; elsewhere: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )
    if settings.development and settings.hosts:
        raise ConfigError(
            "DYNOMETER_DEVELOPMENT adds pages that nobody else should see, and DYNOMETER_HOSTS serves others.",
            hint="Take one of the two away.",
        )
    given = {"SECRET_KEY": settings.secret_key, "MAX_FORM_MEMORY_SIZE": settings.body_max_bytes}
    return FLASK | CSRF | ACCOUNTS | API | given


FLASK = {
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "PERMANENT_SESSION_LIFETIME": LASTS_S,  # of the cookie; what it opens ends by its row, see store/sign_ins.py
    "SESSION_REFRESH_EACH_REQUEST": False,  # an answer that sets a cookie is kept by no cache
    "SESSION_PROTECTION": None,  # it ties a session to an address, and addresses of phones change
    "MAX_FORM_PARTS": 100,
    "TEMPLATES_AUTO_RELOAD": False,
}
CSRF = {
    "WTF_CSRF_CHECK_DEFAULT": False,  # the gate in access.py checks, because it knows how the caller came in
    "WTF_CSRF_SSL_STRICT": False,  # it wants a Referer, and our pages send none; Sec-Fetch-Site says as much
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch still works
}
ACCOUNTS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # a new secret key must not void all passwords
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {  # 19 MiB, two passes: OWASP's smallest, as sign-ins are few
        "argon2__memory_cost": 19_456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_CHARS_MIN,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
}
API = {
    "API_TITLE": "Dynometer",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
}
