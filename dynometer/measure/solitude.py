"""A node to itself: a sweep measures alone, chunks of jobs are computed in company, and neither starves the other.

Two files.  Who wants to be alone holds the gate, then takes the room: that waits for what is in it.  Company passes the
gate one by one and stays in the room, so nobody new comes in while somebody wants to be alone.  The kernel frees both
when their holder dies, however it dies; neither programs that a holder starts nor its forks inherit them.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_held: set[int] = set()  # descriptors of this process


@contextmanager
def alone(path: str, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """The whole node, once other sweeps and the chunks at hand are through; `on_wait` is called where that takes time.

    Signal handlers run while it waits; what they raise ends the waiting.
    """
    with _opened(f"{path}.gate") as gate, _opened(f"{path}.room") as room:  # closed in the other order
        if not (_try(gate, fcntl.LOCK_EX) and _try(room, fcntl.LOCK_EX)):
            on_wait()
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX)
        yield


@contextmanager
def shared(path: str) -> Iterator[bool]:
    """Whether chunks may be computed now: said at once.  Where they may, the room is held until the end.

    Ask `is_wanted_alone` between chunks.
    """
    with _opened(f"{path}.gate") as gate, _opened(f"{path}.room") as room:
        may_enter = _try(gate, fcntl.LOCK_SH) and _try(room, fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield may_enter


def is_wanted_alone(path: str) -> bool:
    """Whether somebody is alone there or waits to be: some 5 us."""
    with _opened(f"{path}.gate") as gate:
        return not _try(gate, fcntl.LOCK_SH)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _held.add(descriptor)
    try:
        yield descriptor
    finally:
        if descriptor in _held:
            _held.remove(descriptor)
            os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget() -> None:
    """In a fork: a copy of a descriptor would hold the lock for as long as the fork lives."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
