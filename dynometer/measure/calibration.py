"""How long to warm up, and how many items a window needs (science C.2.2 and C.2.3).  No clock here: it is handed in."""

import math
from collections.abc import Callable, Sequence
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
LARGEST_CHUNK = 8192
LARGEST_SAMPLE = 10_000  # distinct items of a window: making items must not become the work
NEARLY = 1.25  # times what the slowest point would do by itself: so much longer is worth a whole job
ALIKE = 1.5  # times: a sample whose items cost so much more or less than the mean is too small
FURTHER = 4  # times the cost that fits: as long a window may become for a sample that is like the job
SPARSE = 4  # times as many items as fit by their mean: cheap ones at the beginning are no reason for more
UNEVEN = 0.05  # of the workers' time may be lost because items can't be shared out evenly
LONGER = 1.5  # times as many items at most, to share them out evenly
DOUBLINGS = 16  # of one warm-up step: a first guess may be far off


@dataclass(frozen=True)
class Frame:
    """What bounds a window of one point."""

    workers: int
    cpus_usable: float
    chunk: int
    window_s: float  # the shortest
    longest_s: float  # what the budget allows, unless the fewest items already take longer
    sample: int  # items that every window of the sweep holds, each of them equally often

    @property
    def items_rule(self) -> int:
        return self.workers * max(ITEMS_PER_WORKER, CHUNKS_PER_WORKER * self.chunk)


@dataclass(frozen=True)
class Warmth:
    rate_per_s: float
    took_s: float


def chunk_for(item_s: float | None) -> int:
    """Items that travel together, from the cost of one [s]: 1 from a millisecond on, or when it is not known.

    A power of two, so that two sweeps that find the cost a little different still choose alike.
    """
    if item_s is None or item_s >= SMALL_ITEM_S:
        return 1
    return min(LARGEST_CHUNK, 1 << round(math.log2(CHUNK_S / max(item_s, 1e-9))))


def sample_of(fewest: int, job_items: int, costs: Sequence[float] = ()) -> int:
    """How many items all windows of a sweep have in common, when its slowest point would do `fewest` in one.

    The whole job where it fits or nearly; else a power of two, which most numbers of workers divide.  `costs`, of the
    first 1, 2, 4, ... items in units of a mean one, show where the first ones are not alike: then as many as cost so
    much, and more while they are unlike the mean, up to FURTHER times the cost.
    """
    if job_items <= min(NEARLY * fewest, LARGEST_SAMPLE):
        return job_items
    most = min(job_items, LARGEST_SAMPLE).bit_length() - 1
    unseen = costs[-1] - (1 << len(costs) - 1) if costs else 0.0
    known = [*costs, *(unseen + (1 << power) for power in range(len(costs), most + 1))]
    fitting = (power for power in range(most + 1)
               if known[power] <= NEARLY * fewest and 1 << power <= SPARSE * fewest)
    power = max(fitting, default=0)
    while power < most and not 1 / ALIKE <= known[power] / (1 << power) <= ALIKE and (
            known[power + 1] <= FURTHER * fewest):
        power += 1
    return 1 << power


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


def fair_items(rate_per_s: float, frame: Frame) -> int:
    """Items that a window of a point that does `rate_per_s` would have if items were all alike.

    As many as the rule asks for (0.5 s, 30 per worker), as long as they take no longer than `longest_s`; never fewer
    than fill the shortest window, nor than 2 for each worker that has a CPU.
    """
    return max(_fewest(rate_per_s, frame), min(_rule(rate_per_s, frame), int(rate_per_s * frame.longest_s)))


def window_items(rate_per_s: float, frame: Frame) -> int:
    """Items of one window: `fair_items`, in whole samples, so that windows of all lengths are the same work.

    Upwards, unless the budget binds and fewer are enough; and more where workers would stand idle at the end.
    """
    wanted, fewest = fair_items(rate_per_s, frame), _fewest(rate_per_s, frame)
    least = wanted // frame.sample * frame.sample
    is_bound = wanted < _rule(rate_per_s, frame)
    if least < (fewest if is_bound else wanted) or not least:
        least += frame.sample
    choices = range(least, int(max(LONGER * least, rate_per_s * frame.longest_s)) + 1, frame.sample)
    return next((count for count in choices if _idle_share(count, frame) <= UNEVEN),
                min(choices, key=lambda count: _idle_share(count, frame)))


def _rule(rate_per_s: float, frame: Frame) -> int:
    return max(math.ceil(rate_per_s * frame.window_s), frame.items_rule)


def _fewest(rate_per_s: float, frame: Frame) -> int:
    with_cpu = min(frame.workers, math.ceil(frame.cpus_usable))
    return max(frame.workers, FEWEST_PER_WORKER * with_cpu, math.ceil(rate_per_s * frame.window_s))


def _idle_share(count: int, frame: Frame) -> float:
    """Of the workers' time, while others have their last chunk: items are taken to be alike."""
    rounds, left = divmod(count // frame.chunk, frame.workers)
    longest = rounds * frame.chunk + (frame.chunk if left else count % frame.chunk)
    return longest * frame.workers / count - 1
