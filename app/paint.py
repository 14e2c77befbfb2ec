"""From a job's results to pixels."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dynometer.errors import NotFound
from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.picture import paint
from dynometer.workloads.workload import Picture, Tile
from store import jobs
from store.database import Database
from store.models import Job
from store.results import PaintedChunk, item_results, painted

OVERLAP_S = 2.0  # a chunk may be committed a little after a later one: tiles of that long are sent twice
CHUNKS_AT_ONCE = 500


@dataclass(frozen=True)
class Canvas:
    """A job's picture: how large, and how far."""

    job: Job
    picture: Picture
    width: int
    height: int
    chunks_done: int

    @property
    def version(self) -> str:
        return f"{self.job.id}-{self.chunks_done}"


def canvas_of(session: Session, job: Job) -> Canvas:
    """Raises NotFound when this job's workload paints nothing."""
    workload = all_workloads().get(job.workload)
    if workload is None or workload.picture is None:
        raise NotFound(f"Job {job.id} paints no picture.")
    width, height = workload.picture.size(read_parameters(workload.parameters, job.parameters))
    return Canvas(job, workload.picture, width, height, jobs.totals(session, job.id).chunks_done)


def png(database: Database, canvas: Canvas) -> bytes:
    """The picture as far as it is."""
    values = (result.value for result in item_results(database, canvas.job.id) if result.ok)
    return paint((canvas.width, canvas.height), canvas.picture.palette, map(canvas.picture.tile, values))


def tiles_since(session: Session, canvas: Canvas, since: float | None) -> dict[str, Any]:
    """For the browser: tiles as palette indices, and the cursor to ask with next time; the palette only at first."""
    chunks = painted(session, canvas.job.id, since or 0.0, CHUNKS_AT_ONCE)
    has_more = len(chunks) == CHUNKS_AT_ONCE
    answer: dict[str, Any] = {
        "cursor": (chunks[-1].done_at or 0.0) - (0.0 if has_more else OVERLAP_S) if chunks else since,
        "has_more": has_more,
        "is_final": canvas.job.state.is_final,
        "tiles": [as_json(tile) for chunk in chunks for tile in tiles_of(canvas.picture, chunk)],
    }
    if since is None:
        answer |= {"width": canvas.width, "height": canvas.height}
        answer["palette"] = base64.b64encode(canvas.picture.palette).decode()
    return answer


def tiles_of(picture: Picture, chunk: PaintedChunk) -> Iterator[Tile]:
    return (picture.tile(value) for value in chunk.values if value is not None)


def as_json(tile: Tile) -> dict[str, Any]:
    box = {"left": tile.left, "top": tile.top, "width": tile.width, "height": tile.height}
    return box | {"shades": base64.b64encode(tile.shades).decode()}
