"""Which of the processes that hold chunks or sweeps still live, and what happens to what the others held."""

from collections.abc import Callable, Collection
from typing import Any, Protocol

import psutil
from sqlalchemy.orm import Session

from store import nodes
from store.database import Database
from store.models import Chunk
from tasks.advance import advance
from tasks.doorbell import Doorbell


class Held(Protocol):
    """A chunk or a sweep."""

    slot_pid: Any  # the process that holds it


def living(parent_pid: int, held: Collection[Held], *, stopped_too: bool = False) -> set[int]:
    """Process ids of the holders that live and belong to the node; a stopped one can't prolong its lease."""
    dead = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD} | (set() if stopped_too else {psutil.STATUS_STOPPED})
    holders = {chunk.slot_pid for chunk in held if chunk.slot_pid is not None}
    return {pid for pid in holders if _status(pid, parent_pid) not in dead}


def _status(pid: int, parent_pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return process.status() if process.ppid() == parent_pid else psutil.STATUS_DEAD
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD


def put_back(
    database: Database, doorbell: Doorbell, node_id: int, facts: nodes.NodeFacts, orphans: Collection[Chunk],
    how: Callable[[Session, Chunk], Any],
) -> None:  # fmt: skip
    """Put the chunks of gone processes back, and ring for their jobs, unless another speaks for the node by now."""
    with database.writing() as session:
        if not nodes.speaks_for(session, node_id, facts):
            return  # they are another's, whose processes we do not see
        for chunk in orphans:
            how(session, chunk)
    for job_id in {chunk.job_id for chunk in orphans}:
        if not advance(database, doorbell, job_id):
            return
