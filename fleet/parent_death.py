"""A child that doesn't outlive the process that started it, even when that one is killed with SIGKILL."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def dies_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """What to give as Popen's `preexec_fn`: the kernel sends `death_signal` when the *thread* that forked has ended.

    Linux only.  Elsewhere it does nothing, and the child lives on when its parent is killed.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: after it, only plain calls are safe
    parent = os.getpid()

    def in_the_child() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_the_child
