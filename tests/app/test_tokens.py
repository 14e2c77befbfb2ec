"""API tokens: shown once, never stronger than what made them."""

import pytest
from flask import Flask
from sqlalchemy import update

from store.account_models import Token
from store.database import Database
from store.tokens import tokens_of
from tests.app.conftest import Program, program_of, signed_in

TOKENS = "/api/v1/tokens"


def use(app: Flask, token: str) -> Program:
    return Program(app.test_client(), token, "")


@pytest.fixture
def program(app: Flask) -> Program:
    """One whose token may make others."""
    return program_of(app, "runner", scope="admin")


def test_a_session_makes_no_token_by_the_api_where_nobody_asks_for_the_password(app: Flask):
    browser = signed_in(app, "runner")
    headers = {"X-CSRFToken": browser.csrf_token()}

    made = browser.client.post(TOKENS, json={"name": "nightly"}, headers=headers)

    assert made.status_code == 403


def test_a_program_makes_a_token_and_another_works_with_it(app: Flask, program: Program):
    made = program.post(TOKENS, json={"name": "nightly"})

    assert made.status_code == 201
    program = use(app, made.json["token"])
    assert program.post("/api/v1/jobs", json={"workload": "wait", "items": 1}).status_code == 202


def test_the_secret_is_shown_once_and_kept_as_a_hash(program: Program, database: Database):
    secret = program.post(TOKENS, json={"name": "nightly"}).json["token"]

    listed = program.get(TOKENS)

    assert [token["name"] for token in listed.json] == ["nightly", "tests"]
    assert secret not in listed.text
    with database.reading() as session:
        assert all(secret not in repr(vars(token)) for token in tokens_of(session, 1))


def test_a_revoked_token_opens_nothing(app: Flask, program: Program):
    made = program.post(TOKENS, json={"name": "short"}).json

    assert program.delete(f"{TOKENS}/{made['id']}").status_code == 204

    assert use(app, made["token"]).get("/api/v1/jobs").status_code == 401
    assert program.delete(f"{TOKENS}/{made['id']}").status_code == 404


def test_nobody_revokes_a_strangers_token(app: Flask, program: Program):
    token_id = program.get(TOKENS).json[0]["id"]

    assert program_of(app, "admin", "admin").delete(f"{TOKENS}/{token_id}").status_code == 404
    assert program.get(TOKENS).status_code == 200


@pytest.mark.parametrize("scope", ["read", "run"])
def test_no_token_below_admin_makes_or_revokes_any(app: Flask, scope: str):
    program = program_of(app, "admin", scope)
    own = program.get(TOKENS).json[0]["id"]

    assert program.post(TOKENS, json={"name": "longer", "scope": "read"}).status_code == 403
    assert program.delete(f"{TOKENS}/{own}").status_code == 403

    assert len(program.get(TOKENS).json) == 1


def test_a_reading_token_changes_nothing(app: Flask):
    reader = program_of(app, "runner", scope="read")
    own = reader.get(TOKENS).json[0]["id"]

    assert reader.get("/api/v1/jobs").status_code == 200
    for answer in (
        reader.post("/api/v1/jobs", json={"workload": "wait"}),
        reader.post(TOKENS, json={"name": "stronger", "scope": "run"}),
        reader.post(TOKENS, json={"name": "as strong", "scope": "read"}),
        reader.delete(f"{TOKENS}/{own}"),
    ):
        assert answer.status_code == 403


def test_a_token_made_by_a_token_ends_no_later(app: Flask, program: Program):
    with app.extensions["database"].writing() as session:
        session.execute(
            update(Token).where(Token.name == "tests", Token.scope == "admin").values(expires_at=Token.created_at + 60)
        )
    own = program.get(TOKENS).json[0]

    made = program.post(TOKENS, json={"name": "second", "expires_in_days": 90}).json

    assert made["expires_at"] == own["expires_at"]


def test_a_token_is_worth_no_more_than_its_owners_role(app: Flask):
    viewer = program_of(app, "viewer", scope="run")

    assert viewer.get("/api/v1/jobs").status_code == 200
    assert viewer.post("/api/v1/jobs", json={"workload": "wait"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": "x", "scope": "admin"},
        {"name": "x", "expires_in_days": 0},
    ],
)
def test_a_bad_request_for_a_token_is_named(program: Program, body: dict[str, object]):
    answer = program.post(TOKENS, json=body)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] in ("/name", "/scope", "/expires_in_days")


def test_the_use_of_a_token_is_noted(program: Program):
    program.get("/api/v1/jobs")

    assert program.get(TOKENS).json[0]["last_used_at"] is not None
