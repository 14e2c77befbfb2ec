"""The handles that other tests build on."""

import psycopg2
import pytest
from sqlalchemy import create_engine, inspect

from tests.services import Broker, Postgres, until

pytestmark = pytest.mark.services


def test_a_broker_comes_back_on_its_address(broker: Broker) -> None:
    broker.kill()
    assert not broker.answers()

    broker.start()

    assert broker.answers()


def test_postgresql_keeps_what_was_stored_when_killed(postgres: Postgres) -> None:
    url = postgres.new_database().replace("+psycopg2", "")
    with psycopg2.connect(url) as connection:
        connection.cursor().execute("CREATE TABLE kept (n integer)")

    postgres.kill()
    postgres.start()

    with psycopg2.connect(url) as connection:
        connection.cursor().execute("SELECT count(*) FROM kept")


def test_a_wiped_postgresql_starts_empty(lone_postgres: Postgres) -> None:
    lone_postgres.execute("CREATE DATABASE dyno_stored")
    assert lone_postgres.has_database("dyno_stored")

    lone_postgres.wipe()
    lone_postgres.start()

    assert not lone_postgres.has_database("dyno_stored")


def test_a_made_database_has_all_tables(database_url: str) -> None:
    engine = create_engine(database_url)

    assert {"job", "chunk", "node"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_until_names_what_did_not_happen() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.1 s: pigs fly"):
        until(lambda: False, "pigs fly", within_s=0.1)
