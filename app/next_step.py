"""The one thing to do next, which the overview shows above everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.job_view import JobRow
from dynometer.workloads.workload import Workload
from store.models import JobState
from store.pulse import Pulse


@dataclass(frozen=True)
class NextStep:
    """Why, and either a job to look at, a workload to start, or a command to run."""

    title: str
    reason: str
    job_id: int | None = None
    workload: str = ""  # its key
    command: str = ""


def next_step(rows: Sequence[JobRow], fleet: Pulse, workloads: Mapping[str, Workload]) -> NextStep | None:
    """For somebody who has started a job before; None when nothing is more obvious than the rest."""
    if not fleet.workers:
        return NextStep("Start a worker node", "Jobs are accepted and wait until one is there.",
                        command="./dyno up --worker 2")  # fmt: skip
    newest = rows[0]
    if not newest.job.state.is_final:
        is_queued = newest.job.state == JobState.QUEUED
        reason = "It waits for a free worker process." if is_queued else "It runs now, and its page follows by itself."
        return NextStep(f"Follow {newest.title} #{newest.job.id}", reason, job_id=newest.job.id)
    if newest.job.state in (JobState.FAILED, JobState.PARTIAL):
        return NextStep(f"See what went wrong in {newest.title}", "Its page names the items that failed, and why.",
                        job_id=newest.job.id)  # fmt: skip
    known = {row.job.workload for row in rows}
    for key, workload in workloads.items():
        if key not in known:
            return NextStep(f"Try {workload.title}", workload.teaches, workload=key)
    return None
