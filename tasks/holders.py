"""Which of the processes that hold chunks still live."""

from collections.abc import Collection

import psutil

from store.models import Chunk


def living(parent_pid: int, held: Collection[Chunk], *, stopped_too: bool = False) -> set[int]:
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
