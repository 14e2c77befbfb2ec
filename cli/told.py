"""Jobs in words, for people."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

RESULT_SHOWN_CHARS = 2_000


def described(job: dict[str, Any]) -> str:
    """A job in some lines, for people."""
    rate = job.get("throughput_per_s")
    lines = [
        f"Job {job['id']} ({job['workload']}, {job['variant']}): {job['state']}, {job['items_done']:,} of "
        f"{job['items_total']:,} items in {job['elapsed_s']:.1f} s" + (f", {rate:,.1f} items/s" if rate else "")
    ]
    if job.get("failure"):
        lines.append(job["failure"])
    if job.get("result_sentence") or job.get("result") is not None:
        lines.append(job.get("result_sentence") or json.dumps(job["result"])[:RESULT_SHOWN_CHARS])
    return "\n".join(lines)


def table(jobs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line per job, under a heading."""
    if not jobs:
        yield "There are no jobs yet."
        return
    rows = [("Job", "State", "Workload", "Items", "Started"), *map(row, jobs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def row(job: dict[str, Any]) -> tuple[str, str, str, str, str]:
    done, failed = f"{job['items_done']:,} of {job['items_total']:,}", job["items_failed"]
    items = f"{done}, {failed:,} failed" if failed else done
    return str(job["id"]), job["state"], job["workload"], items, job["created_at"][:19].replace("T", " ") + " UTC"
