"""The end of a job, told to whoever waits for it: by PostgreSQL's NOTIFY, elsewhere by asking again and again."""

import select
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

from sqlalchemy import text
from sqlalchemy.orm import Session

from store.database import Database

CHANNEL = "dynometer_job_ended"
_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :job)")


def announce(session: Session, job_id: int) -> None:
    """Tell those who wait, when this transaction is committed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_NOTIFY, {"job": str(job_id)})


@contextmanager
def hearing(database: Database, job_id: int) -> Iterator[Callable[[float], bool]]:
    """A function that sleeps for some seconds, or until the job has ended; whether it heard of that.

    A pooler in front of the database may swallow what is told, so whoever waits must look now and then.
    """
    if database.engine.dialect.name != "postgresql":
        yield _hear_nothing
        return
    pooled = database.engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    pooled.detach()  # it lasts as long as the job, and the pool is for short work
    with closing(connection):
        connection.autocommit = True
        connection.cursor().execute(f"LISTEN {CHANNEL}")

        def sleep_or_hear(seconds: float) -> bool:
            until = monotonic() + seconds
            while (left := until - monotonic()) > 0 and select.select([connection], [], [], left)[0]:
                connection.poll()
                told = {notice.payload for notice in connection.notifies}
                connection.notifies.clear()
                if str(job_id) in told:
                    return True
            return False

        yield sleep_or_hear


def _hear_nothing(seconds: float) -> bool:
    sleep(seconds)
    return False
