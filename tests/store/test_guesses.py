"""Tries are counted in one statement, on both databases, and held against nobody for good."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from store import guesses
from store.account_models import Guess
from store.database import Database
from store.guesses import Patience

PATIENCE = Patience(free=3, longest_s=900)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.engine.dispose()


def one(database: Database) -> bool:
    with database.writing() as session:
        return guesses.take_turn(session, "account:x", PATIENCE)


def pass_by(database: Database, seconds: float) -> None:
    """Make the tries on record older."""
    older = {"last_at": Guess.last_at - seconds, "wait_until": Guess.wait_until - seconds}
    with database.writing() as session:
        session.execute(update(Guess).values(older))


def wait_s(database: Database) -> float:
    with database.reading() as session:
        return guesses.seconds_to_wait(session, "account:x")


def test_the_wait_doubles_after_the_free_tries_up_to_a_quarter_of_an_hour(database: Database):
    assert [one(database) for _ in range(3)] == [True] * 3
    waits = []

    for _ in range(12):
        assert one(database)
        assert not one(database)
        waits.append(round(wait_s(database)))
        pass_by(database, wait_s(database) + 0.001)

    assert waits[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert max(waits) <= 900


def test_of_many_at_once_no_more_pass_than_one_after_the_other(database: Database):
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: one(database), range(24)))

    assert sum(passed) == 4  # three free ones, and the one that makes the others wait


def test_time_forgives(database: Database):
    for _ in range(4):
        one(database)

    pass_by(database, 3 * 600)

    assert one(database)
    with database.reading() as session:
        assert session.scalar(select(Guess.failures)) == 2  # four, less three forgiven, and this one


def test_time_forgives_nothing_before_it_is_due(database: Database):
    for _ in range(2):
        one(database)

    pass_by(database, 590.0)

    assert one(database)
    with database.reading() as session:
        assert session.scalar(select(Guess.failures)) == 3


def test_the_owner_wipes_the_slate(database: Database):
    for _ in range(4):
        one(database)

    with database.writing() as session:
        guesses.forget(session, "account:x")

    assert [one(database) for _ in range(3)] == [True] * 3


def test_what_was_no_try_is_given_back(database: Database):
    for _ in range(4):
        one(database)

    with database.writing() as session:
        guesses.give_back(session, "account:x")

    assert one(database)


def test_a_clock_that_was_set_back_locks_nobody_out(database: Database):
    for _ in range(4):
        one(database)

    pass_by(database, -86_400.0)

    assert one(database)


def test_old_subjects_are_forgotten(database: Database):
    one(database)
    pass_by(database, 86_401.0)

    with database.writing() as session:
        guesses.prune(session)

    with database.reading() as session:
        assert session.scalars(select(Guess)).all() == []
