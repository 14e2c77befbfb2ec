"""A node to itself: who measures holds a lock alone, whose chunks are computed share it, and the kernel frees the dead.

Two files: whoever wants to be alone takes the gate, so that nobody else comes in, then the room, once all have left it.
Nodes that share a data folder on one host share the locks, as they share its CPUs.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from settings import Settings

FOLDER = "alone"


class Lock:
    """An advisory lock on a file; each object has its own, also in one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, *, alone: bool) -> bool:
        """Without waiting; False when others are in the way.  Taking it again in another way changes it."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        """Let others have it."""
        if self._file is not None:
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave it, and the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Solitude:
    """The two locks of a node, as one process sees them."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data_dir / FOLDER
        self._gate, self._room = Lock(folder / "gate"), Lock(folder / "room")

    def come_in(self) -> bool:
        """To compute chunks beside others: False while somebody is alone here, or waits to be."""
        if not self._gate.take(alone=False):
            return False
        try:
            return self._room.take(alone=False)
        finally:
            self._gate.leave()

    def is_wanted(self) -> bool:
        """Whether somebody waits for us to leave.  Costs two calls of the kernel: to be asked between chunks."""
        if not self._gate.take(alone=False):
            return True
        self._gate.leave()
        return False

    def take_alone(self) -> bool:
        """One try to be alone; after the first one nobody new comes in.  Try until it is True, or `leave`."""
        return self._gate.take(alone=True) and self._room.take(alone=True)

    def leave(self) -> None:
        """Let others in."""
        self._room.leave()
        self._gate.leave()

    def close(self) -> None:
        self._room.close()
        self._gate.close()
