"""How fast a job went: items per second in bins of time, by node.

A chunk's items count for the time it took, not for the moment it was recorded: else a rate would be a comb of chunks.
"""

import hashlib
import math
import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy.orm import Session

from store import series
from store.models import Job
from store.nodes import clock_s
from store.series import Ended

MOST_BINS = 120
NARROWEST_S = 0.5
SPREAD_BINS = 8  # a longer chunk counts for its last so many bins: what is older never changes again
LATE_S = 2.0  # a chunk may be committed so long after a later one
MOST_NODES = 6  # that are told apart: a chart has as many colours
MOST_JOBS = 64  # a process remembers so many
MOST_ROWS = 100_000  # of all of them, at some 200 bytes each


@dataclass(frozen=True)
class Throughput:
    """Items per second from bin `first` on, by node.  Bin n is from n to n + 1 times `bin_s` after the start."""

    bin_s: float
    first: int
    nodes: tuple[str, ...]
    rates: tuple[tuple[float, ...], ...]  # a row per bin, a column per node
    ends_s: float  # of the last bin, which may be wider or narrower than the others when the job is over
    cursor: str  # to ask with next time: what comes before it does not change any more
    is_final: bool

    @property
    def totals(self) -> tuple[float, ...]:
        return tuple(map(sum, self.rates))

    def span(self, row: int) -> tuple[float, float]:
        """From when to when a row is, in seconds since the start."""
        start = (self.first + row) * self.bin_s
        return start, self.ends_s if row == len(self.rates) - 1 else start + self.bin_s


NOTHING = Throughput(NARROWEST_S, 0, (), (), 0.0, "", False)


def throughput_of(session: Session, job: Job, since: str = "", elapsed_s: float | None = None) -> Throughput:
    """What is known by now; of bins that the holder of cursor `since` does not have for good."""
    if job.started_at is None:
        return NOTHING if not job.state.is_final else Throughput(NARROWEST_S, 0, (), (), 0.0, "", True)
    if elapsed_s is None:
        elapsed_s = max(0.0, (job.ended_at or clock_s(session)) - job.started_at)
    bin_s = width(elapsed_s)
    settled = max(0, int((elapsed_s - LATE_S) / bin_s) - SPREAD_BINS)
    ended = memory.ended(session, job, bin_s, math.inf if job.state.is_final else settled)
    ends_s = elapsed_s if job.state.is_final else last_known_s(elapsed_s, bin_s, ended)
    nodes, of = columns({each.node for each in ended})
    first = min(first_wanted(since, bin_s, nodes), settled)
    items = spread(ended, bin_s, ends_s, of)
    rates = tuple(
        tuple(count / covered_s(place, len(items), bin_s, ends_s) for count in row)
        for place, row in enumerate(items)
        if place >= first and nodes
    )
    return Throughput(bin_s, first, nodes, rates, ends_s, cursor_of(settled, bin_s, nodes), job.state.is_final)


def width(elapsed_s: float) -> float:
    """The narrowest of 0.5, 1, 2, 4 ... seconds of which `MOST_BINS` are enough."""
    doublings = max(0, math.ceil(math.log2(max(elapsed_s, NARROWEST_S) / (MOST_BINS * NARROWEST_S))))
    return float(NARROWEST_S * 2**doublings)


def cursor_of(settled: int, bin_s: float, nodes: Sequence[str]) -> str:
    """For bins from `settled` on, back to a whole second: all who ask within one hold the same cursor."""
    return f"{bin_s:g}:{settled - settled % max(1, round(1 / bin_s))}:{digest(nodes)}"


def first_wanted(since: str, bin_s: float, nodes: Sequence[str]) -> int:
    """The bin that a cursor names; 0 when it is none, of bins of another width, or of other columns."""
    found = re.fullmatch(r"([0-9.]{1,12}):([0-9]{1,9}):([0-9a-f]{8})", since)
    return int(found[2]) if found and (found[1], found[3]) == (f"{bin_s:g}", digest(nodes)) else 0


def digest(nodes: Sequence[str]) -> str:
    """Another one when a column gets another name or place."""
    return hashlib.blake2b("\0".join(nodes).encode(), digest_size=4).hexdigest()


def last_known_s(elapsed_s: float, bin_s: float, ended: Sequence[Ended]) -> float:
    """The end of the last bin of which a running job's chunks are mostly recorded."""
    lag_s = min(max((each.took_s for each in ended[-MOST_NODES:]), default=0.0), SPREAD_BINS * bin_s)
    return max(0.0, math.floor((elapsed_s - lag_s) / bin_s) * bin_s)


def bins_until(ends_s: float, bin_s: float) -> int:
    """How many bins there are; a last one of less than half a width goes to the one before."""
    return max(1, math.floor(ends_s / bin_s + 0.5)) if ends_s > 0 else 0


def covered_s(place: int, bins: int, bin_s: float, ends_s: float) -> float:
    return ends_s - place * bin_s if place == bins - 1 else bin_s


def columns(names: Collection[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """The columns of a chart and the place of each name among them: of many nodes only their sum."""
    if len(names) > MOST_NODES:
        return (f"{len(names)} nodes",), dict.fromkeys(names, 0)
    return told_apart(names)


def told_apart(names: Iterable[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """The names to show, and the place of each name among them: the last place is for all that are too many."""
    ordered = sorted(names, key=natural)
    if len(ordered) <= MOST_NODES:
        return tuple(ordered), {name: place for place, name in enumerate(ordered)}
    shown = ordered[: MOST_NODES - 1]
    others = f"{len(ordered) - len(shown)} other nodes"
    return (*shown, others), {name: min(place, len(shown)) for place, name in enumerate(ordered)}


def natural(name: str) -> list[tuple[int, str]]:
    """worker.2 before worker.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]{1,9})", name)]


def spread(ended: Iterable[Ended], bin_s: float, ends_s: float, of: dict[str, int]) -> list[list[float]]:
    """Items per bin and node: those of a chunk shared out evenly over the time it took."""
    items = [[0.0] * len(set(of.values())) for _ in range(bins_until(ends_s, bin_s))]
    for each in ended:
        took_s = min(each.took_s, SPREAD_BINS * bin_s, each.ended_s)
        begin_s = each.ended_s - took_s
        for place in range(int(begin_s / bin_s), int(each.ended_s / bin_s) + 1):
            overlap_s = min(each.ended_s, (place + 1) * bin_s) - max(begin_s, place * bin_s)
            share = overlap_s / took_s if took_s > 0 else 1.0
            if place * bin_s < ends_s:  # what ended later is of bins that are not shown yet
                items[min(place, len(items) - 1)][of[each.node]] += each.items * share
    return items


@dataclass(frozen=True)
class Kept:
    """What ended in the bins before `settled`, which never changes."""

    bin_s: float
    settled: float
    ended: tuple[Ended, ...]


class Memory:
    """What has settled of the jobs that are watched: of a long job, a poll reads only the newest chunks."""

    def __init__(self, most: int, most_rows: int) -> None:
        self._most, self._most_rows = most, most_rows
        self._kept: OrderedDict[tuple[int, float], Kept] = OrderedDict()
        self._lock = Lock()

    @property
    def rows(self) -> int:
        return sum(len(kept.ended) for kept in self._kept.values())

    def ended(self, session: Session, job: Job, bin_s: float, settled: float) -> tuple[Ended, ...]:
        """All that ended; what came before bin `settled` is asked for once."""
        key = job.id, job.created_at  # ids alone repeat in another database
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept.bin_s != bin_s:
            kept = Kept(bin_s, 0, ())
        if kept.settled == math.inf:
            return kept.ended
        assert job.started_at is not None, "asked only of jobs that began"
        fresh = series.ended_in_bins(session, job.id, job.started_at, bin_s, int(kept.settled))
        everything = (*kept.ended, *fresh)
        settled = max(settled, kept.settled)
        with self._lock:
            self._kept[key] = Kept(bin_s, settled, tuple(each for each in everything if each.place < settled))
            self._kept.move_to_end(key)
            while len(self._kept) > self._most or (self._kept and self.rows > self._most_rows):
                self._kept.popitem(last=False)
        return everything


memory = Memory(MOST_JOBS, MOST_ROWS)
