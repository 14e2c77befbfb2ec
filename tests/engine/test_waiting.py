"""Waiting for a job's end: told on PostgreSQL, asked for elsewhere."""

from collections.abc import Callable
from threading import Thread

import pytest

from store import jobs
from store.database import Database
from store.ending import hearing
from store.models import JobState
from tasks.waiting import wait
from tests.engine.hand import Hand

LONG_S = 3600.0


def end(database: Database, job_id: int, *, keeps: bool = True) -> None:
    with database.writing() as session:
        jobs.end(session, job_id, JobState.SUCCEEDED, None)
        if not keeps:
            session.rollback()


def returns(do: Callable[[], object]) -> bool:
    """Whether it comes back before a test gives up."""
    thread = Thread(target=do, daemon=True)
    thread.start()
    thread.join(20)
    return not thread.is_alive()


def test_whoever_waits_gets_the_job_when_it_has_ended(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    found: list[JobState] = []

    waiting = Thread(target=lambda: found.append(wait(hand.database, job_id).state), daemon=True)
    waiting.start()
    end(hand.database, job_id)
    waiting.join(20)

    assert found == [JobState.SUCCEEDED]


def test_the_end_of_another_job_is_not_ours(hand: Hand, owner: int, database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return  # nobody is told anything
    mine, other = hand.job(owner), hand.job(owner)

    with hearing(database, mine) as sleep_or_hear:
        end(database, mine, keeps=False)  # said in a transaction that never came to be
        end(database, other)
        sleep_or_hear(0.01)
        end(database, mine)

        assert returns(lambda: sleep_or_hear(LONG_S))


def test_a_job_that_is_not_there_is_not_waited_for(hand: Hand, owner: int) -> None:
    with pytest.raises(LookupError, match="job 999 is gone"):
        wait(hand.database, 999)
