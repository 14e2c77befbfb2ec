"""Which errors of a database pass, and which would come again for ever."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import NullPool

from store.database import Database
from store.models import ChunkPartial, Job, JobState
from tasks import persistence
from tasks.finish import finish_if_done
from tasks.persistence import TRIES, is_away, persistently
from tests.engine.hand import Hand
from tests.engine.test_verdicts import run_out
from tests.services import free_port

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def error_of(connection: Connection, *statements: str) -> DBAPIError:
    """What the last of the `statements` raises."""
    *before, last = statements
    for statement in before:
        connection.execute(text(statement))
    with pytest.raises(DBAPIError) as raised:
        connection.execute(text(last))
    return raised.value


PASSING = ["08006", "25006", "40001", "40P01", "53100", "53300", "55P03", "57P01", "57P03", "58030"]
LASTING = ["22003", "23505", "25P02", "42P01", "54000", "57014", "XX000", "XX001"]


@on_postgresql
@pytest.mark.parametrize(("code", "passes"), [*((c, True) for c in PASSING), *((c, False) for c in LASTING)])
def test_postgresql_says_by_its_code_whether_an_error_passes(database: Database, code: str, passes: bool) -> None:
    with database.engine.connect() as connection:
        error = error_of(connection, f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")

    assert is_away(error) is passes


@on_postgresql
def test_a_statement_that_asks_for_too_much_does_not_pass(database: Database) -> None:
    with database.engine.connect() as connection:
        error = error_of(connection, "SELECT repeat('x', 2000000000)")

    assert not is_away(error)


@on_postgresql
def test_a_connection_that_is_cut_or_never_came_passes(database: Database) -> None:
    with Database(database.url).engine.connect() as connection:
        assert is_away(error_of(connection, "SELECT pg_terminate_backend(pg_backend_pid())"))

    nobody = Database(f"postgresql+psycopg2://nobody@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(OperationalError) as refused, nobody.reading() as session:
        session.execute(text("SELECT 1"))
    assert is_away(refused.value)


@on_postgresql
def test_a_row_that_is_held_and_a_read_only_database_pass(database: Database) -> None:
    with database.engine.connect() as connection:
        assert is_away(error_of(connection, "SET TRANSACTION READ ONLY", "DELETE FROM job"))
        connection.rollback()
        with Database(database.url).engine.begin() as holder:
            holder.execute(text("LOCK TABLE job"))
            assert is_away(error_of(connection, "LOCK TABLE job NOWAIT"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite file with one table."""
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE kept (value)")
    return path


@pytest.fixture
def impatient(file: Path) -> Iterator[Connection]:
    """A connection to it that waits for no lock."""
    with engine_of(f"sqlite:///{file}").connect() as connection:
        yield connection


def engine_of(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool, connect_args={"timeout": 0})


def test_a_busy_file_passes(file: Path, impatient: Connection) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert is_away(error_of(impatient, "INSERT INTO kept VALUES (1)"))


def test_a_full_file_passes(impatient: Connection) -> None:
    error = error_of(impatient, "PRAGMA max_page_count = 1", "INSERT INTO kept VALUES (zeroblob(1000000))")

    assert is_away(error)


def test_a_file_that_is_read_only_passes(file: Path) -> None:
    with engine_of(f"sqlite:///file:{file}?mode=ro&uri=true").connect() as connection:
        assert is_away(error_of(connection, "INSERT INTO kept VALUES (1)"))


def test_a_file_that_cannot_be_opened_passes() -> None:
    with pytest.raises(OperationalError) as refused:
        engine_of("sqlite:////nowhere/some.db").connect()

    assert is_away(refused.value)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_LOCKED_SHAREDCACHE, sqlite3.SQLITE_IOERR_FSYNC])
def test_locks_and_the_disk_pass_in_each_of_their_kinds(code: int) -> None:
    cause = sqlite3.OperationalError("some words")
    cause.sqlite_errorcode = code

    assert is_away(OperationalError("COMMIT", {}, cause))


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELEKT 1", "SELECT zeroblob(2000000000)"])
def test_a_statement_that_is_wrong_does_not_pass(impatient: Connection, statement: str) -> None:
    assert not is_away(error_of(impatient, statement))


def test_a_broken_connection_and_an_empty_pool_pass_and_other_errors_do_not() -> None:
    assert is_away(InterfaceError("SELECT 1", {}, Exception("connection already closed")))
    assert is_away(PoolExhausted("none is free"))
    assert not is_away(ProgrammingError("SELECT 1", {}, Exception("can't adapt type 'object'")))
    assert not is_away(SQLAlchemyError("of the mapper"))
    assert not is_away(ValueError("of ours"))


class Trying:
    """Raises `error` the first `times` times."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.tries = error, times, 0

    def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self.times:
            raise self.error
        return "done"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(persistence, "sleep", slept.append)
    return slept


def test_what_passes_is_waited_for(slept: list[float]) -> None:
    trying = Trying(PoolExhausted("none is free"), times=TRIES)

    assert persistently(trying) == "done"
    assert (trying.tries, len(slept)) == (TRIES + 1, TRIES)


def test_what_would_come_again_is_raised_at_once(slept: list[float], impatient: Connection) -> None:
    trying = Trying(error_of(impatient, "SELECT * FROM nowhere"), times=1)

    with pytest.raises(OperationalError, match="no such table"):
        persistently(trying)
    assert (trying.tries, slept) == (1, [])


def test_an_error_of_the_database_that_would_come_again_costs_the_value_and_not_the_verdict(
    hand: Hand, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"sqlite": "SELECT * FROM nowhere", "postgresql": "SELECT repeat('x', 2000000000)"}

    def fold(database: Database, *more: Any) -> None:
        with database.reading() as session:
            session.execute(text(wrong[database.engine.dialect.name]))

    monkeypatch.setattr("tasks.finish.fold", fold)
    job_id = hand.job(owner, items=2)
    hand.change(Job, workload="random-sum")
    run_out(hand, job_id)
    with hand.database.writing() as session:
        session.add(ChunkPartial(job_id=job_id, first_item=0, partial=1))

    assert finish_if_done(hand.database, job_id)

    job = hand.get(job_id)
    assert (job.state, job.value) == (JobState.PARTIAL, None)
    assert str(job.failure).startswith("The values are there, but could not be combined: OperationalError: ")
