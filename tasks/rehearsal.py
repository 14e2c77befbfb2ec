"""Goes through a shift once before worker processes are forked, so that they share what it loads and compiles.

Each process would otherwise hold some 10 MB of its own for that, and be slow at its first chunk.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from billiard.util import get_pdeathsig
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from settings import Settings
from store import fairness, one_call
from store.account_models import User
from store.database import Database
from store.models import Job, JobState
from store.values import Outcome, Slot
from tasks.dispatch import claim_of, has_room
from tasks.finish import finish_if_done

log = logging.getLogger(__name__)


class Stage(Database):
    """A database whose every session plays inside one transaction that is never committed."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.url, self.engine = database.url, database.engine
        self._connection = connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self._connection, join_transaction_mode="create_savepoint") as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.writing() as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        yield self._connection


def rehearse(database: Database, settings: Settings, node_id: int) -> None:
    """Load what a worker process needs, and claim, record and end a job that nobody sees.

    Without the database it stays undone: processes then load and compile for themselves.
    """
    get_pdeathsig()  # billiard asks it in each process, through a C parser that takes 7 MB to load
    try:
        with database.engine.connect() as connection, connection.begin() as never_committed:
            _play(Stage(database, connection), settings, Slot(node_id, 0, os.getpid()))
            never_committed.rollback()
    except SQLAlchemyError as error:
        log.info("No rehearsal: the database is away (%s).", type(error).__name__)
    database.engine.dispose()


def _play(stage: Stage, settings: Settings, slot: Slot) -> None:
    job_id = -slot.node_id  # no sequence moves, and two nodes do not meet
    with stage.writing() as session:
        name = f"rehearsal{job_id}@localhost"
        session.add(User(id=job_id, email=name, fs_uniquifier=name, active=False))
        session.flush()
        session.add(Job(id=job_id, owner_id=job_id, workload="wait", variant="python", parameters={}, items_total=1,
                        state=JobState.RUNNING))  # fmt: skip
    with stage.writing() as session:
        fairness.fairest_jobs(session, limit=3)
        with session.begin_nested():
            assert has_room(session, job_id)
            claimed = claim_of(session, job_id, slot, settings, None)
        fairness.mark_served(session, job_id)
    assert claimed is not None, "a job just made has a first chunk"
    outcome = Outcome(1, "[0.0]", {}, 0.0)
    one_call.record_and_claim(stage, claimed, outcome, slot, settings.lease_s, stays=False)
    finish_if_done(stage, job_id)
