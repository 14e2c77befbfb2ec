"""Jobs as the API writes them."""

from dataclasses import asdict
from typing import Any

from app.api.schemas import moments
from app.job_view import JobRow, JobView
from store.models import Job

SAME = ("id", "state", "workload", "variant", "parameters", "max_workers", "items_total", "failure")


def job_fields(job: Job) -> dict[str, Any]:
    times = moments(created_at=job.created_at, started_at=job.started_at, ended_at=job.ended_at)
    return {name: getattr(job, name) for name in SAME} | times


def job_row_json(row: JobRow) -> dict[str, Any]:
    return job_fields(row.job) | {"items_done": row.done.items, "items_failed": row.done.failed}


def job_json(view: JobView) -> dict[str, Any]:
    progress = view.progress
    return job_fields(view.job) | {
        "items_done": progress.items_done,
        "items_failed": progress.items_failed,
        "throughput_per_s": progress.throughput_per_s,
        "eta_s": asdict(progress.eta_s) if progress.eta_s else None,
        "elapsed_s": progress.elapsed_s,
        "result": progress.value,
        "result_sentence": progress.sentence,
        "chunks": dict(progress.chunks),
        "nodes": [asdict(share) for share in progress.shares],
    }
