"""Waiting for a job's end: told on PostgreSQL, asked for elsewhere."""

from threading import Thread

import pytest

from store import jobs
from store.database import Database
from store.ending import hearing
from store.models import JobState
from tasks.waiting import wait
from tests.engine.hand import Hand

WITHIN_S = 20.0  # an end for what must happen, not a measure
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def end(database: Database, job_id: int, *, keeps: bool = True) -> None:
    with database.writing() as session:
        jobs.end(session, job_id, JobState.SUCCEEDED, None)
        if not keeps:
            session.rollback()


def test_whoever_waits_gets_the_job_when_it_has_ended(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    found: list[JobState] = []

    waiting = Thread(target=lambda: found.append(wait(hand.database, job_id).state), daemon=True)
    waiting.start()
    end(hand.database, job_id)
    waiting.join(WITHIN_S)

    assert found == [JobState.SUCCEEDED]


@on_postgresql
def test_the_end_of_a_job_is_heard_and_that_of_another_is_not_ours(hand: Hand, owner: int, database: Database) -> None:
    mine, other = hand.job(owner), hand.job(owner)

    with hearing(database, mine) as hears_mine, hearing(database, other) as hears_other:
        end(database, mine, keeps=False)  # said in a transaction that never came to be
        end(database, other)
        assert hears_other(WITHIN_S)  # so it has been told to all
        assert not hears_mine(0.01)
        end(database, mine)

        assert hears_mine(WITHIN_S)


@on_sqlite
def test_where_nobody_is_told_anything_nothing_is_heard(hand: Hand, owner: int, database: Database) -> None:
    job_id = hand.job(owner)

    with hearing(database, job_id) as sleep_or_hear:
        end(database, job_id)

        assert not sleep_or_hear(0.01)


def test_a_job_that_is_not_there_is_not_waited_for(hand: Hand, owner: int) -> None:
    with pytest.raises(LookupError, match="job 999 is gone"):
        wait(hand.database, 999)
