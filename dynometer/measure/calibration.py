"""How long to warm up, and how many items a window needs (science C.2.2 and C.2.3).  No clock here: it is handed in."""

import math
from collections.abc import Callable
from dataclasses import dataclass

STEP_S = 0.25  # of warming up; two of them whose rates agree are enough
AGREE = 0.05
WARM_S, WARM_ITEMS = 1.0, 2  # enough without agreement: seconds, and items per worker
WARM_MOST_S = 5.0
LONG_ITEM_S = 0.2  # from here on one item per worker warms: it holds all that a longer warm-up would
ITEMS_PER_WORKER = 30  # of a window, and CHUNKS_PER_WORKER chunks
CHUNKS_PER_WORKER = 5
FEWEST_PER_WORKER = 2  # where items are so long that the budget leaves no more
SMALL_ITEM_S, CHUNK_S = 0.001, 0.005  # smaller items travel in chunks of that length
LARGEST_CHUNK = 10_000
DOUBLINGS = 16  # of one warm-up step: a first guess may be far off


@dataclass(frozen=True)
class Frame:
    """What bounds a window of one point."""

    workers: int
    cpus_usable: float
    chunk: int
    window_s: float  # the shortest
    longest_s: float  # what the budget allows, unless the fewest items already take longer
    job_items: int

    @property
    def items_rule(self) -> int:
        return self.workers * max(ITEMS_PER_WORKER, CHUNKS_PER_WORKER * self.chunk)


@dataclass(frozen=True)
class Warmth:
    rate_per_s: float
    took_s: float


def chunk_for(item_s: float | None) -> int:
    """Items that travel together, from the cost of one [s]: 1 from a millisecond on, or when it is not known."""
    if item_s is None or item_s >= SMALL_ITEM_S:
        return 1
    return min(LARGEST_CHUNK, math.ceil(CHUNK_S / max(item_s, 1e-9)))


def warm_up(run: Callable[[int], float], frame: Frame, first_items: int = 0) -> Warmth:
    """Call `run(items)`, which answers the seconds it took, until the rate is steady; first with one item per worker.

    At least 1 s, or two successive steps of 0.25 s whose rates differ by less than 5 %; at most 5 s.  One item per
    worker is enough where items take 0.2 s and more.
    """
    count, taken_s, done, before = (first_items or frame.workers) * frame.chunk, 0.0, 0, 0.0
    while True:
        wall_s = run(count)
        taken_s, done, rate = taken_s + wall_s, done + count, count / wall_s
        is_whole_step = wall_s >= STEP_S / 2
        if (done <= frame.workers and wall_s >= LONG_ITEM_S) or taken_s >= WARM_MOST_S:
            return Warmth(rate, taken_s)
        if is_whole_step and before and abs(rate / before - 1) < AGREE:
            return Warmth((rate + before) / 2, taken_s)
        if taken_s >= WARM_S and done >= WARM_ITEMS * frame.workers and before:
            return Warmth(rate, taken_s)
        before = rate if is_whole_step else 0.0
        count = max(frame.workers, min(count * DOUBLINGS, round(rate * STEP_S)))


def window_items(rate_per_s: float, frame: Frame) -> int:
    """Items of one window of a point that does `rate_per_s`.

    As many as the rule asks for (0.5 s, 30 per worker), as long as they take no longer than `longest_s`; never fewer
    than fill the shortest window, nor than 2 for each worker that has a CPU.  The whole job, where it fits or nearly.
    """
    shortest = math.ceil(rate_per_s * frame.window_s)
    fewest = max(frame.workers, FEWEST_PER_WORKER * min(frame.workers, math.ceil(frame.cpus_usable)), shortest)
    most = int(rate_per_s * frame.longest_s)
    wanted = max(fewest, min(max(shortest, frame.items_rule), most))
    if fewest <= frame.job_items <= most < frame.items_rule:
        return most // frame.job_items * frame.job_items  # long items: whole jobs, as many as may be
    rounds = math.ceil(wanted / frame.job_items)
    if rounds * frame.job_items <= 1.25 * wanted:
        return rounds * frame.job_items  # whole jobs: each window is the same work
    each = frame.workers * (frame.chunk if wanted > 4 * frame.workers * frame.chunk else 1)
    return math.ceil(wanted / each) * each  # no worker is left without while others have their last
