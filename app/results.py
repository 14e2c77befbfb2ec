"""Results as files: one line per item, in item order, streamed whatever their size."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response

from app.audit import note
from app.current import database
from app.spreadsheet import cell
from store.models import Job
from store.results import ItemResult, item_results

LINES_AT_ONCE = 500  # a write per line would cost more than the line


def as_ndjson(job: Job) -> Response:
    """{"item": i, "ok": true, "value": ...} or {"item": i, "ok": false, "error": "..."}."""
    lines = (json.dumps(line_of(result), ensure_ascii=False) + "\n" for result in item_results(database(), job.id))
    return attachment(lines, job, "ndjson", "application/x-ndjson")


def as_csv(job: Job) -> Response:
    """item,ok,value,error; a value that is no scalar is written as JSON."""
    return attachment(csv_lines(item_results(database(), job.id)), job, "csv", "text/csv")


def line_of(result: ItemResult) -> dict[str, Any]:
    if result.ok:
        return {"item": result.item, "ok": True, "value": result.value}
    return {"item": result.item, "ok": False, "error": result.error}


def csv_lines(results: Iterator[ItemResult]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(("item", "ok", "value", "error"))
    for result in results:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow((result.item, str(result.ok).lower(), cell(result.value), cell(result.error)))
    yield line.getvalue()


def attachment(lines: Iterator[str], job: Job, ending: str, mimetype: str) -> Response:
    with database().writing() as session:
        note(session, "results-exported", f"job {job.id}", detail={"format": ending})
    response = Response(in_blocks(lines), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{job.workload}-{job.id}.{ending}"'
    return response


def in_blocks(lines: Iterator[str]) -> Iterator[str]:
    """The first line at once, then many together."""
    block: list[str] = []
    wanted = 1
    for line in lines:
        block.append(line)
        if len(block) == wanted:
            yield "".join(block)
            block, wanted = [], LINES_AT_ONCE
    yield "".join(block)
