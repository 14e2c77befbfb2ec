"""From a job's results to pixels."""

import base64
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.palette import SERIES
from dynometer.errors import NotFound
from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.picture import paint
from dynometer.workloads.workload import Picture, Tile
from store import jobs
from store.database import Database
from store.job_progress import node_names
from store.models import Job
from store.results import EndedChunk, PaintedChunk, ended_chunks, item_results, painted
from tasks.throughput import told_apart

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
    nodes: tuple[str, ...]  # who painted it, as a legend tells them apart
    places: dict[int, int]  # node id -> place among these

    @property
    def version(self) -> str:
        return f"{self.job.id}-{self.chunks_done}"


def canvas_of(session: Session, job: Job) -> Canvas:
    """Raises NotFound when this job's workload paints nothing."""
    workload = all_workloads().get(job.workload)
    if workload is None or workload.picture is None:
        raise NotFound(f"Job {job.id} paints no picture.")
    width, height = workload.picture.size(read_parameters(workload.parameters, job.parameters))
    totals, names = jobs.totals(session, job.id), node_names(session, job.id)
    nodes, place_of = told_apart(set(names.values()))
    places = {node_id: place_of[name] for node_id, name in names.items()}
    return Canvas(job, workload.picture, width, height, totals.chunks_done, nodes, places)


def png(database: Database, canvas: Canvas, by_node: bool = False) -> bytes:
    """The picture as far as it is; by node, each tile is in the colour of the node that computed it."""
    if by_node:
        return png_by_node(database, canvas)
    values = (result.value for result in item_results(database, canvas.job.id) if result.ok)
    return paint((canvas.width, canvas.height), canvas.picture.palette, map(canvas.picture.tile, values))


def png_by_node(database: Database, canvas: Canvas) -> bytes:
    from PIL import Image  # here, not above: web processes load it when somebody wants a picture

    palettes = [tinted(canvas.picture.palette, each.light) for each in SERIES]
    picture = Image.new("RGBA", (canvas.width, canvas.height))
    for chunk in ended_chunks(database, canvas.job.id):
        palette = palettes[canvas.places.get(chunk.node_id or 0, 0)]
        for tile in tiles_of(canvas.picture, chunk):
            shades = Image.frombytes("P", (tile.width, tile.height), tile.shades)
            shades.putpalette(palette)
            picture.paste(shades.convert("RGBA"), (tile.left, tile.top))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def tinted(palette: bytes, colour: str) -> bytes:
    """Each colour of `palette` as light as it was, in the tint of `colour`; picture.js does the same."""
    tint = bytes.fromhex(colour.removeprefix("#"))
    found = bytearray()
    for red, green, blue in zip(palette[::3], palette[1::3], palette[2::3], strict=True):
        light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
        for channel in tint:
            darker, lighter = channel * (0.3 + 1.4 * light), channel + (255 - channel) * (light - 0.5) * 1.2
            found.append(int(darker if light < 0.5 else lighter))
    return bytes(found)


def tiles_since(session: Session, canvas: Canvas, since: float | None) -> dict[str, Any]:
    """For the browser: tiles as palette indices, and the cursor to ask with next time; the palette only at first."""
    chunks = painted(session, canvas.job.id, since or 0.0, CHUNKS_AT_ONCE)
    has_more = len(chunks) == CHUNKS_AT_ONCE
    newest_s = (chunks[-1].done_at or 0.0) if chunks else 0.0
    settled_s = newest_s if has_more else math.floor(newest_s - OVERLAP_S)  # in whole seconds: watchers ask the same
    answer: dict[str, Any] = {
        "cursor": max(settled_s, since or 0.0) if chunks else since,
        "has_more": has_more,
        "is_final": canvas.job.state.is_final,
        "nodes": canvas.nodes,
        "places": canvas.places,
        "tiles": [
            as_json(tile) | {"node": chunk.node_id} for chunk in chunks for tile in tiles_of(canvas.picture, chunk)
        ],
    }
    if since is None:
        answer |= {"width": canvas.width, "height": canvas.height}
        answer["palette"] = base64.b64encode(canvas.picture.palette).decode()
    return answer


def tiles_of(picture: Picture, chunk: PaintedChunk | EndedChunk) -> Iterator[Tile]:
    return (picture.tile(value) for value in chunk.values if value is not None)


def as_json(tile: Tile) -> dict[str, Any]:
    box = {"left": tile.left, "top": tile.top, "width": tile.width, "height": tile.height}
    return box | {"shades": base64.b64encode(tile.shades).decode()}
