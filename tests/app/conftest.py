"""The web app on a real database.  Nobody computes unless a test lets the workers work: jobs stay queued.

Most tests share one app and bring their own people; those that need an empty database make their own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_security
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from settings import Settings
from store import sign_ins
from store.accounts import create_token, ensure_roles
from store.database import Database
from store.jobs import newest_jobs
from store.nodes import NodeFacts, join
from store.people import add_person, has_admin, person_by_email
from store.values import Slot
from tasks.jobs import cancel
from tasks.shift import Worker, work
from tests.app.browsing import chromium, complaints, end_browser, serve, served, served_afresh, served_at  # noqa: F401
from tests.app.vega_lite import vega_lite  # noqa: F401
from tests.databases import Databases
from tests.services import Postgres

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).parent
PASSWORD = "correct horse battery"
SECRET = "a secret of the tests, long enough to be taken"
numbers = count(1)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or FOLDER not in nextitem.path.parents:
        end_browser()


@dataclass
class Browser:
    """A person's browser: keeps cookies, and sends the hidden CSRF field of the page that it has open."""

    client: FlaskClient
    email: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        n = next(numbers)  # a network of its own, as wrong passwords are counted per network
        self.client.environ_base["REMOTE_ADDR"] = f"10.{n >> 8}.{n & 255}.1"

    def get(self, url: str, **given: Any) -> TestResponse:
        response = self.client.get(url, **given)
        self.page = response.text if response.mimetype == "text/html" else ""
        return response

    def post(
        self, url: str, fields: dict[str, Any] | None = None, *, follow: bool = False, **given: Any
    ) -> TestResponse:
        data = {"csrf_token": self.csrf_token(), **(fields or {})}
        response = self.client.post(url, data=data, follow_redirects=follow, **given)
        self.page = response.text
        return response

    def csrf_token(self) -> str:
        if "csrf_token" not in self.page:
            self.get("/workloads")
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        return found[1] if found else ""


@dataclass
class Program:
    """A program with an API token."""

    client: FlaskClient
    token: str
    email: str

    def __getattr__(self, method: str) -> Callable[..., TestResponse]:
        call = getattr(self.client, method)

        def ask(url: str, headers: dict[str, str] | None = None, **given: Any) -> TestResponse:
            return call(url, headers={"Authorization": f"Bearer {self.token}", **(headers or {})}, **given)

        return ask


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Flask]:
    def make(database_url: str, **changes: Any) -> Flask:
        given = {"data_dir": tmp_path, "database_url": database_url, "secret_key": SECRET, **changes}
        return create_app(Settings(**given))

    return make


@pytest.fixture(scope="session")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One app on SQLite for all tests of a session."""
    url = databases.sqlite()
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("app"), database_url=url, secret_key=SECRET))


@pytest.fixture
def fresh_app(make_app: Callable[..., Flask], make_database: Callable[[str], str]) -> Flask:
    """An app on an empty database of its own."""
    return make_app(make_database("sqlite"))


@pytest.fixture(scope="session")
def app_on_postgresql(databases: Databases, _postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One app on PostgreSQL for all tests of a session."""
    url = databases.postgresql(_postgres)
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("app"), database_url=url, secret_key=SECRET))


@pytest.fixture(params=["sqlite", "postgresql"])
def each_app(request: pytest.FixtureRequest) -> Flask:
    """The shared app on SQLite, then the one on PostgreSQL."""
    if request.param == "sqlite":
        return request.getfixturevalue("app")
    request.getfixturevalue("postgres")  # runs again if a test has stopped it
    return request.getfixturevalue("app_on_postgresql")


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["database"]


@cache
def password_hash() -> str:
    """Made once: hashing is slow on purpose."""
    app = create_app(Settings(database_url="sqlite://", secret_key=SECRET))
    with app.app_context():
        return str(flask_security.hash_password(PASSWORD))


def person(app: Flask, role: str) -> str:
    """The address of a new account with this role; the app has an admin from now on."""
    with app.extensions["database"].writing() as session:
        ensure_roles(session)
        if role != "admin" and not has_admin(session, has_provider=False):
            add_person(session, "the-admin@example.org", password_hash(), ["admin"])
        return add_person(session, f"{role}-{next(numbers)}@example.org", password_hash(), [role]).email


def signed_in(app: Flask, role: str) -> Browser:
    """The browser of a new person with this role, without the slow hashing of a sign-in."""
    email = person(app, role)
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, email)
    assert user is not None
    client = app.test_client()
    with app.extensions["database"].writing() as session:
        secret = sign_ins.begin(session, user.id, "127.0.0.1", "Firefox on Linux")
    with client.session_transaction() as cookie:
        cookie["sign_in"] = secret
    return Browser(client, email)


def sign_in(page: "Page", app: Flask, url: str, role: str = "runner") -> Browser:
    """As a new person, without typing."""
    somebody = signed_in(app, role)
    cookie = somebody.client.get_cookie("dynometer")
    assert cookie is not None
    page.context.add_cookies([{"name": "dynometer", "value": cookie.value, "url": url}])
    return somebody


def program_of(app: Flask, role: str, scope: str = "run") -> Program:
    """A program whose token belongs to a new person with this role."""
    email = person(app, role)
    with app.extensions["database"].writing() as session:
        user = person_by_email(session, email)
        assert user is not None
        return Program(app.test_client(), create_token(session, user.id, "tests", scope), email)


@pytest.fixture
def runner(app: Flask) -> Browser:
    return signed_in(app, "runner")


@pytest.fixture
def program(app: Flask) -> Program:
    return program_of(app, "runner")


def let_workers_work(app: Flask, job_id: int) -> None:
    """Do here what worker processes would until the job has ended; jobs that other tests left are cancelled."""
    database, settings = app.extensions["database"], app.extensions["settings"]
    with database.writing() as session:
        left = [job.id for job in newest_jobs(session, None, 1000) if not job.state.is_final and job.id != job_id]
    for other_id in left:
        cancel(database, other_id)
    with database.writing() as session:
        node_id = join(session, NodeFacts("worker.1", "worker", "here", 1, 1, 1.0, 10**9, {}))
    work(Worker(settings, database, app.extensions["doorbell"], Slot(node_id, 0, 1)))


def job_of(answer: TestResponse) -> int:
    """The job that a POST led to."""
    assert answer.location, f"{answer.status}, no job"
    return int(answer.location.rsplit("/", 1)[-1])
