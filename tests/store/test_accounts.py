"""Roles, one-time codes and tokens, on both databases."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from store.account_models import Role, SetupCode, Token, User
from store.accounts import create_token, ensure_roles, new_setup_code, service_account
from store.database import Database
from store.people import hash_code, redeem_setup_code
from store.tokens import owner_of_token


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.engine.dispose()


def test_roles_are_made_once(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            ensure_roles(session)

    with database.reading() as session:
        assert sorted(session.scalars(select(Role.name))) == ["admin", "operator", "runner", "viewer"]


def test_a_setup_code_works_once_and_only_the_newest(database: Database) -> None:
    with database.writing() as session:
        old, new = new_setup_code(session), new_setup_code(session)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SetupCode)) == 1
    with database.writing() as session:
        assert redeem_setup_code(session, new)
        assert not redeem_setup_code(session, new)
        assert not redeem_setup_code(session, old)


def test_a_token_opens_for_its_owner_and_is_kept_as_a_hash(database: Database) -> None:
    with database.writing() as session:
        owner_id = service_account(session).id
        token = create_token(session, owner_id, "ci")

    assert re.fullmatch(r"dyno_[\w-]{43}", token)
    with database.reading() as session:
        kept = session.scalars(select(Token)).one()
        assert (kept.prefix, kept.scope, kept.expires_at) == (token[:9], "run", None)
        assert token not in vars(kept).values()
        found = owner_of_token(session, hash_code(token))
        assert found is not None
        assert found[1].email == "console@localhost"
        assert [role.name for role in found[1].roles] == ["operator"]


def test_an_expired_token_opens_nothing(database: Database) -> None:
    with database.writing() as session:
        token = create_token(session, service_account(session).id, "old", expires_at=1.0)

    with database.reading() as session:
        assert owner_of_token(session, hash_code(token)) is None


def test_there_is_one_service_account(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            service_account(session)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1
