"""Waiting for a job's verdict from Python."""

from time import monotonic, sleep

from store import jobs
from store.database import Database
from store.models import Job

SHORTEST_S, LONGEST_S = 0.005, 0.1


def wait(database: Database, job_id: int) -> Job:
    """The job once it has its verdict.  Asks seldomer the longer it lasts: a hundredth of the time so far late."""
    began = monotonic()
    while True:
        with database.reading() as session:
            job = jobs.job_of(session, job_id)
        if job is None or job.state.is_final:
            if job is None:
                raise LookupError(f"job {job_id} is gone")
            return job
        sleep(min(LONGEST_S, max(SHORTEST_S, (monotonic() - began) / 100)))
