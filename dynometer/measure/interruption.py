"""Ctrl+C and SIGTERM, held back where an exception in the middle would leave a process behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl+C and SIGTERM wait until the end of the block.

    By handlers, not by a mask: children would inherit that, and another thread might take the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run in the main thread alone
        return
    came: list[int] = []
    before = {each: handler for each in INTERRUPTIONS if (handler := signal.getsignal(each)) is not None}
    for each in before:
        signal.signal(each, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came[:1]:
            signal.raise_signal(number)
