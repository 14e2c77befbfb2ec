"""How a measuring process speaks to the sweep: lines on a descriptor of its own, whatever its functions print."""

import contextlib
import json
import os
import signal
import sys
import threading

from dynometer.measure.codec import to_json
from dynometer.measure.order import Said


class Voice:
    """Takes standard output for the protocol and gives functions standard error in its place."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._descriptor: int | None = os.dup(1)
        os.dup2(2, 1)
        os.register_at_fork(after_in_child=self._fall_silent)

    def say(self, said: Said) -> None:
        """One line, at once.  A forked copy of this process has no voice: it ends where it would speak."""
        if self._descriptor is None:
            os._exit(0)
        line = json.dumps(to_json(said), allow_nan=False).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line):]

    def stage(self, name: str, limit_s: float = 0.0, items: int = 0) -> None:
        """What begins now.  It may take `limit_s` and `items` times what the plan allows an item."""
        self.say(Said("stage", stage=name, limit_s=limit_s, items=items))

    def _fall_silent(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


def follow_parent() -> None:
    """From now on this process and its group die with the one that started it: when its standard input ends.

    SIGTERM alone does not end it, since a platform sends it to everybody: the parent decides.  Workers it forks get
    their SIGTERM back.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    adopt_orphans()
    parent = os.dup(0)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)  # a function that asks for input gets none, and takes none away
    threading.Thread(target=_die_with, args=(parent,), daemon=True, name="watchdog").start()


def adopt_orphans() -> None:
    """Descendants whose parent has died become this process's children, so that the sweep can find and end them."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def end_strays() -> None:
    """Kill descendants that have left this process's session: nobody finds them once it is gone."""
    from dynometer.measure import readings

    session = os.getsid(0)
    for pid in readings.descendants(os.getpid()):
        with contextlib.suppress(OSError):
            if os.getsid(pid) != session:
                os.kill(pid, signal.SIGKILL)


def _die_with(parent: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(parent, 4096):
            pass  # nothing more is ordered of it
    os.killpg(0, signal.SIGKILL)
