"""The web app on a real database, without workers: jobs that are started here stay queued."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from settings import Settings
from store.accounts import create_token, ensure_roles, new_setup_code
from store.database import Database
from store.people import add_person

PASSWORD = "correct horse battery"
SECRET = "a secret of the tests, long enough to be taken"


@dataclass
class Browser:
    """A person's browser: keeps cookies, and sends the hidden CSRF field of the page that it has open."""

    client: FlaskClient
    page: str = ""

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
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page or self.client.get("/problems/conflict").text)
        return found.group(1) if found else ""


@dataclass
class Program:
    """A program with an API token."""

    client: FlaskClient
    token: str

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


@pytest.fixture
def app(make_app: Callable[..., Flask], make_database: Callable[[str], str]) -> Flask:
    return make_app(make_database("sqlite"))


@pytest.fixture
def each_app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    """The app on SQLite, then on PostgreSQL."""
    return make_app(database_url)


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["database"]


def person(app: Flask, role: str, email: str | None = None) -> int:
    """The id of a new account."""
    import flask_security

    with app.app_context():
        hashed = flask_security.hash_password(PASSWORD)
    with app.extensions["database"].writing() as session:
        ensure_roles(session)
        return add_person(session, email or f"{role}@example.org", hashed, [role]).id


def signed_in(app: Flask, role: str, email: str | None = None) -> Browser:
    """The browser of a new person with this role."""
    person(app, role, email)
    if role != "admin":
        ensure_admin(app)
    browser = Browser(app.test_client())
    browser.get("/sign-in")
    answered = browser.post("/sign-in", {"email": email or f"{role}@example.org", "password": PASSWORD}, follow=True)
    assert answered.status_code == 200, answered.text
    return browser


def ensure_admin(app: Flask) -> None:
    """Before there is one, every sign-in leads to the setup."""
    from store.people import has_admin

    with app.extensions["database"].reading() as session:
        is_there = has_admin(session)
    if not is_there:
        person(app, "admin", "first@example.org")


def program_of(app: Flask, role: str, scope: str = "run", email: str | None = None) -> Program:
    """A program whose token belongs to a new person with this role."""
    owner_id = person(app, role, email)
    with app.extensions["database"].writing() as session:
        return Program(app.test_client(), create_token(session, owner_id, "tests", scope))


@pytest.fixture
def runner(app: Flask) -> Browser:
    return signed_in(app, "runner")


@pytest.fixture
def program(app: Flask) -> Program:
    return program_of(app, "runner", email="program@example.org")


@pytest.fixture
def setup_code(database: Database) -> str:
    with database.writing() as session:
        return new_setup_code(session)
