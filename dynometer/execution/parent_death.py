"""Worker processes that take their parent's signals as theirs to ignore, and end when it does, even by SIGKILL."""

import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def guard(*, by_kernel: bool = True) -> None:
    """To be called first thing in a worker process.

    SIGINT is the parent's to answer: Ctrl+C reaches the whole group.  SIGTERM ends a worker even where the parent
    ignores it.  When the parent is gone, so is the worker: a thread waits for the end of a pipe, and on Linux the
    kernel sees to it as well, for a call that never lets go of the interpreter's lock.  The kernel's signal comes when
    the *thread* that started the worker ends; `by_kernel` is False where that is no reason to die.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if by_kernel and sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    threading.Thread(target=_outlive_nobody, name="parent-death", daemon=True).start()


def wait_for_parent_death() -> None:
    """Blocks until the process that started this one through multiprocessing is gone."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])


def _outlive_nobody() -> None:
    wait_for_parent_death()
    os.kill(os.getpid(), signal.SIGKILL)
