"""The floor: what this machine can do in these very seconds, without any engine.

The machine may run at two speeds a factor 1.6 apart, each for up to a minute.  So a time says nothing alone: each
measurement stands between two floors, and only the ratio counts.
"""

import os
from collections.abc import Callable, Sequence
from statistics import mean
from time import perf_counter

WORKERS = 2


def floor_s(steps: Sequence[int], work: Callable[[int], int]) -> float:
    """Seconds that two forked children need who each loop over every second item."""
    start = perf_counter()
    children = []
    for worker in range(WORKERS):
        child = os.fork()
        if child == 0:
            for step in steps[worker::WORKERS]:
                work(step)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return perf_counter() - start


def beside_floor(run: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """(seconds of `run`, seconds of the floor measured right before and after it)."""
    before = floor()
    taken = run()
    return taken, mean((before, floor()))
