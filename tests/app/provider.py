"""A small OpenID Connect provider on loopback: signs in one person, and lies where a test tells it to."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "dynometer", "a secret between the two"


class Provider:
    """Its answers can be changed by a test: claims of the ID token, and the key that signs it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signs_with: RSAKey | OctKey | None = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {"sub": "ada-1", "email": "ada@example.org"}
        self.questions: dict[str, dict[str, str]] = {}

    def app(self) -> Flask:
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.metadata)
        app.add_url_rule("/keys", view_func=self.keys)
        app.add_url_rule("/authorize", view_func=self.authorize)
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        return app

    def metadata(self) -> Response:
        return jsonify(
            issuer=self.issuer, authorization_endpoint=f"{self.issuer}/authorize", jwks_uri=f"{self.issuer}/keys",
            token_endpoint=f"{self.issuer}/token", response_types_supported=["code"],
            subject_types_supported=["public"], id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
        )  # fmt: skip

    def keys(self) -> Response:
        return jsonify(keys=[self.key.as_dict(private=False)])

    def authorize(self) -> Any:
        code = token_urlsafe(16)
        self.questions[code] = request.args.to_dict()
        back = {"code": code, "state": request.args["state"]}
        return redirect(f"{request.args['redirect_uri']}?{urlencode(back)}")

    def token(self) -> Any:
        asked = self.questions.pop(request.form["code"], None)
        given = request.authorization
        proof = urlsafe_b64encode(sha256(request.form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        knows_client = given is not None and (given.username, given.password) == (CLIENT, SECRET)
        if asked is None or not knows_client or asked["code_challenge"] != proof:
            return jsonify(error="invalid_grant"), 400
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]} | self.claims
        signed = (
            unsigned(claims)
            if self.signs_with is None
            else jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.signs_with)
        )
        return jsonify(access_token=token_urlsafe(16), token_type="Bearer", id_token=signed, expires_in=60)


def unsigned(claims: dict[str, Any]) -> str:
    parts = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
    return ".".join(parts) + "."


@contextmanager
def provider_running() -> Iterator[Provider]:
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
