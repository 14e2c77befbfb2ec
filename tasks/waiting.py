"""Waiting for a job's verdict from Python."""

from time import monotonic

from store import jobs
from store.database import Database
from store.ending import hearing
from store.models import Job

SHORTEST_S, LONGEST_S = 0.005, 0.5


def wait(database: Database, job_id: int) -> Job:
    """The job once it has its verdict.  Raises LookupError when it is gone.

    Where its end is told, that is what counts; else it is asked for, seldomer the longer it lasts: a twentieth late at
    most.  On PostgreSQL asking is only a precaution.
    """
    began = monotonic()
    with hearing(database, job_id) as sleep_or_hear:
        while True:
            with database.reading() as session:
                job = jobs.job_of(session, job_id)
            if job is None:
                raise LookupError(f"job {job_id} is gone")
            if job.state.is_final:
                return job
            sleep_or_hear(min(LONGEST_S, max(SHORTEST_S, (monotonic() - began) / 20)))
