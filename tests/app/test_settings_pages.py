"""The frame of the settings: a menu by role, and what this installation is made of."""

import pytest
from flask import Flask
from sqlalchemy import event

from tests.app.conftest import person, signed_in


@pytest.mark.parametrize(
    ("role", "people"), [("viewer", False), ("runner", False), ("operator", False), ("admin", True)]
)
def test_the_menu_shows_what_the_role_may_see(app: Flask, role: str, people: bool):
    browser = signed_in(app, role)

    start = browser.get("/settings")
    page = browser.get(start.location)

    assert (start.status_code, page.status_code) == (302, 200)
    menu = page.text.split('aria-label="Settings"')[1].split("</nav>")[0]
    assert "API tokens" in menu
    assert "Limits" in menu
    assert ("People" in menu, "Audit log" in menu) == (people, people)
    assert 'aria-current="page"' in menu


def test_about_names_versions_and_licences_and_no_secret(app: Flask):
    page = signed_in(app, "viewer").get("/settings/about").text

    for words in ("SQLite 3.", "CPython 3.", "htmx.org", "0BSD", "SQLAlchemy", "MIT", "/api/openapi.json"):
        assert words in page, words
    assert app.extensions["settings"].secret_key not in page
    assert app.extensions["settings"].database_url not in page


def test_about_names_postgresql(app_on_postgresql: Flask, postgres):
    assert "PostgreSQL " in signed_in(app_on_postgresql, "viewer").get("/settings/about").text


PATHS = ("tokens", "limits", "limits/1", "people", "people/1", "invitations", "audit", "about")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_the_database_a_few_times_however_much_it_shows(app: Flask, path: str):
    admin = signed_in(app, "admin")
    for role in ("viewer", "runner", "operator"):
        person(app, role)
    asked: list[str] = []
    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", tell := lambda *given: asked.append(given[2]))

    admin.get(f"/settings/{path}")

    event.remove(engine, "before_cursor_execute", tell)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 6
