"""A job as pages and API show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sqlalchemy.orm import Session

from app import fragment_links
from app.access import visible_owner
from app.words import duration, rate
from dynometer.errors import NotFound
from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import declared, read_parameters
from dynometer.workloads.workload import Workload
from store import job_rows as queries
from store.job_rows import Done
from store.jobs import job_of
from store.models import Job
from store.people import CONSOLE_EMAIL
from tasks.progress import JobProgress, progress_of


@dataclass(frozen=True)
class JobRow:
    """One line of a list of jobs."""

    job: Job
    title: str
    done: Done
    owner: str
    took_s: float | None  # so far, of one that runs; None before anybody has begun


@dataclass(frozen=True)
class JobView:
    """One job, as far as it is."""

    job: Job
    progress: JobProgress
    workload: Workload | None  # None: the package that brought it is gone

    @property
    def title(self) -> str:
        return self.workload.title if self.workload else self.job.workload

    @property
    def parameters(self) -> dict[str, Any]:
        """Those that did something: of a job on items of the user's own, not those of the generator."""
        unused = set()
        if self.workload and self.job.upload_id is not None:
            unused = {each.name for each in declared(self.workload.parameters) if each.only_generated}
        return {name: value for name, value in self.job.parameters.items() if name not in unused}

    @property
    def picture_size(self) -> tuple[int, int] | None:
        """Width and height in pixels, so that a page keeps its place; None where nothing is painted."""
        if self.workload is None or self.workload.picture is None:
            return None
        return self.workload.picture.size(read_parameters(self.workload.parameters, self.job.parameters))

    @property
    def etag(self) -> str:
        """Changes whenever the job's page would, which also shows rates that fall while nothing happens."""
        left = self.progress.eta_s
        shown = (
            rate(self.progress.throughput_per_s),
            left and (duration(left.low_s), duration(left.high_s)),
            fragment_links.key_of(self.job.id),  # an old one is over some day, and then the page needs a new one
        )
        return f"{self.progress.version}-{crc32(repr(shown).encode()):08x}"


def visible_job(session: Session, job_id: int) -> Job:
    """Raises NotFound for a foreign job as for none: an id must not tell whether it exists."""
    job = job_of(session, job_id)
    if job is None or not (fragment_links.is_linked(job_id) or visible_owner() in (None, job.owner_id)):
        raise NotFound(f"There is no job {job_id} among yours.")
    return job


def job_view(session: Session, job_id: int) -> JobView:
    job = visible_job(session, job_id)
    return JobView(job, progress_of(session, job), all_workloads().get(job.workload))


def new_job_view(job: Job) -> JobView:
    """A job that was accepted this moment: nothing of it is done, so nothing need be asked."""
    nothing_yet = JobProgress(
        state=job.state, items_total=job.items_total, items_done=0, items_failed=0,
        chunks=dict.fromkeys(("ready", "running", "done", "dead"), 0), throughput_per_s=None,
        mean_throughput_per_s=None, eta_s=None, elapsed_s=0.0, shares=(), value=None, sentence=None, version="",
    )  # fmt: skip
    return JobView(job, nothing_yet, all_workloads().get(job.workload))


def job_rows(session: Session, found: Sequence[Job]) -> list[JobRow]:
    """One query, however many jobs."""
    beside = queries.beside(session, [job.id for job in found])
    titles = {key: workload.title for key, workload in all_workloads().items()}
    rows = []
    for job in found:
        its = beside[job.id]
        title = titles.get(job.workload, job.workload)
        rows.append(JobRow(job, title, its.done, name_of(its.owner), took_s(job, its.now_s)))
    return rows


def name_of(owner: str) -> str:
    """An owner for people; the service account's address says nothing to them."""
    return "made on the command line" if owner == CONSOLE_EMAIL else owner


def age_of(session: Session, job: Job) -> float:
    """Seconds since it was accepted; of one that is over: how long it took."""
    return (job.ended_at or queries.clock(session)) - job.created_at


def took_s(job: Job, now: float) -> float | None:
    if job.state.is_final:
        return (job.ended_at or now) - (job.started_at or job.created_at)
    return None if job.started_at is None else max(0.0, now - job.started_at)
