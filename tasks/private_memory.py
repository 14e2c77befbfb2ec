"""A process whose memory other processes of the same user can't read: it holds secrets."""

import ctypes
import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h


def keep_memory_private() -> None:
    """No core file, no debugger and no /proc/<pid>/environ for anybody but root; forked children inherit it.

    Linux only; elsewhere it does nothing.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
