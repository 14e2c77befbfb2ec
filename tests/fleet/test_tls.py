"""The real app behind nginx with a certificate: https only, and what an observatory would say."""

import datetime as dt
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app import create_app
from app.headers import HSTS
from fleet.nginx_config import Tls
from settings import Settings
from tests.app.conftest import SECRET, person
from tests.databases import Databases
from tests.fleet.doors import app_behind, running, site_at
from tests.fleet.observatory import Answer, grade, modifiers, score
from tests.services import free_port

pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Secure:
    """Where it is served, and what vouches for it."""

    port: int
    plain_port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.url + path, headers=headers, verify=str(self.certificate), timeout=20)


@pytest.fixture(scope="module")
def secure(nginx_binary: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("secure")
    certificate, key = made_certificate(folder)
    port, plain_port = free_port(), free_port()
    tls = Tls(str(certificate), str(key), port, plain=f"127.0.0.1:{plain_port}")
    site = site_at(folder, f"unix:{folder / 'web.sock'}", listen=f"127.0.0.1:{port}", tls=tls, hosts=("dyno.example",))
    settings = Settings(data_dir=folder, database_url=databases.sqlite(), secret_key=SECRET, proxy_hops=1)
    app = create_app(settings)
    person(app, "admin")
    with app_behind(app, folder / "web.sock"), running(nginx_binary, site, settings):
        yield Secure(port, plain_port, certificate)


def made_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself, and its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "own.pem").write_bytes(certificate.public_bytes(pem))
    private = serialization.PrivateFormat.PKCS8
    (folder / "own.key").write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))
    return folder / "own.pem", folder / "own.key"


@pytest.mark.parametrize("path", ["/sign-in", "/static/icon.svg", "/static/nothing", "/api/v1/jobs", "/live/jobs/1"])
def test_every_answer_says_to_stay_with_https(secure: Secure, path: str) -> None:
    assert secure.get(path).headers["Strict-Transport-Security"] == HSTS


def test_plain_http_leads_to_https_and_nowhere_else(secure: Secure) -> None:
    plain = f"http://localhost:{secure.plain_port}/jobs?before=7"

    known = requests.get(plain, allow_redirects=False, timeout=10)
    unknown = requests.get(plain, headers={"Host": "evil.example"}, allow_redirects=False, timeout=10)

    assert (known.status_code, known.headers["Location"]) == (308, f"{secure.url}/jobs?before=7")
    assert unknown.status_code == 400
    assert "Location" not in unknown.headers


def test_a_foreign_host_is_refused_over_https_too(secure: Secure) -> None:
    assert secure.get("/sign-in", Host="evil.example").status_code == 400


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
def test_old_protocols_are_refused(secure: Secure, version: ssl.TLSVersion, is_taken: bool) -> None:
    context = ssl.create_default_context(cafile=str(secure.certificate))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of asking for an old one
        context.minimum_version = context.maximum_version = version

    def shakes_hands() -> bool:
        with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="localhost"):
                    return True
            except (ssl.SSLError, ConnectionError):
                return False

    assert shakes_hands() == is_taken


def test_the_cookie_is_bound_to_the_host(secure: Secure) -> None:
    lines = [line for line in cookie_lines(secure.get("/sign-in")) if line]

    assert lines
    for line in lines:
        assert line.startswith("__Host-"), line
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}


def cookie_lines(answer: requests.Response) -> list[str]:
    return [value for each in (*answer.history, answer) for value in each.raw.headers.getlist("Set-Cookie")]


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_an_observatory_gives_a_plus(secure: Secure, path: str) -> None:
    page = secure.get(path)
    plain = requests.get(f"http://localhost:{secure.plain_port}{path}", allow_redirects=False, timeout=10)
    asked = secure.url + path

    found = modifiers(Answer(page.headers, cookie_lines(page), page.text, plain.headers["Location"], asked))

    assert not [name for name, value in found.items() if value < 0], found
    assert (score(found), grade(score(found))) == (135, "A+")
