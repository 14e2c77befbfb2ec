"""Whether a window counts: one function per detector, its limits beside it (science C.3)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from dynometer.measure.grades import FEW_ITEMS
from dynometer.measure.trial import Signals

RUN_DELAY_DOUBT, RUN_DELAY_REJECT = 0.02, 0.05  # per worker: at .03 throughput has lost 2 %, at .1 6 %, at .3 20 %
PRESSURE_DOUBT, PRESSURE_REJECT = 0.05, 0.20
OTHERS_CORES = 0.15
IDLE_CORES = 0.5  # room that must be left for others not to be in the way
OTHERS_BLAMED_CORES = 0.05  # below, what queues for a CPU are our own processes
CPU_PER_ITEM_DOUBT, CPU_PER_ITEM_REJECT = 1.10, 1.25  # over the best window of the point
STEAL_DOUBT, STEAL_REJECT = 0.01, 0.05
CLOCK_DOUBT, CLOCK_REJECT = 0.03, 0.10
SAME_CPU = 0.05  # CPU per item within it is the same as in the best window
FAULTS_REJECT = 100  # pages; from the first on it is doubted
SHORT_SHARE = 0.8  # of the shortest window asked for


@dataclass(frozen=True)
class Seen:
    """A window and what surrounded it."""

    signals: Signals
    workers: int
    cpus_usable: float  # a quota counts
    cpus_here: int  # it does not: others may use what it keeps from us
    own_cores: float  # that this process and the workers kept busy
    cpu_per_item_s: float
    items: int
    items_rule: int  # what science C.2.3 asks for
    wall_s: float
    window_s: float  # the shortest asked for
    best_cpu_per_item_s: float | None = None  # of the accepted windows of this point so far
    best_spin_s: float | None = None  # in that window
    cpu_quota: float | None = None

    @property
    def is_oversubscribed(self) -> bool:
        return self.workers > self.cpus_usable


@dataclass(frozen=True)
class Verdict:
    """Sentences: why a window does not count, and with which doubts it counts."""

    rejected: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


Detector = Callable[[Seen], Verdict | None]
DETECTORS: dict[str, Detector] = {}  # name -> function; docs/method.md explains each by this name


def judge(seen: Seen) -> Verdict:
    """All detectors' sentences on one window.  What this machine can't tell is neither doubted nor rejected."""
    verdicts = [verdict for detector in DETECTORS.values() if (verdict := detector(seen))]
    return Verdict(tuple(sentence for verdict in verdicts for sentence in verdict.rejected),
                   tuple(sentence for verdict in verdicts for sentence in verdict.doubts))


def detector(name: str) -> Callable[[Detector], Detector]:
    def named(function: Detector) -> Detector:
        DETECTORS[name] = function
        return function

    return named


def _limit(value: float, doubt: float, reject: float, sentence: str) -> Verdict | None:
    """Rejected above `reject`, doubted above `doubt`, silent below."""
    if value > reject:
        return Verdict(rejected=(sentence,))
    return Verdict(doubts=(sentence,)) if value > doubt else None


@detector("run-queue delay")
def run_delay(seen: Seen) -> Verdict | None:
    """Own threads were runnable and had no CPU.  With more workers than CPUs that is the point, not a fault."""
    share = seen.signals.run_delay_share
    if share is None or seen.is_oversubscribed:
        return None
    sentence = f"Run-queue delay: its threads waited for a CPU during {min(share, 1):.1%} of the time"
    return _limit(share, RUN_DELAY_DOUBT, _if_others(seen, RUN_DELAY_REJECT), f"{sentence}{_culprit(seen)}.")


@detector("CPU pressure")
def cpu_pressure(seen: Seen) -> Verdict | None:
    """Somebody on this machine was runnable and had no CPU.

    When others used none, it was a process of ours, such as the parent of as many workers as there are CPUs: the
    run-queue delay says what that cost.
    """
    share, cores = seen.signals.cpu_pressure_share, seen.signals.others_cores
    if share is None or seen.is_oversubscribed or (cores is not None and cores <= OTHERS_BLAMED_CORES):
        return None
    sentence = f"CPU pressure: something waited for a CPU during {share:.1%} of the time."
    return _limit(share, PRESSURE_DOUBT, PRESSURE_REJECT, sentence)


@detector("CPU used by others")
def others(seen: Seen) -> Verdict | None:
    """Neighbours are harmless only while a CPU is idle."""
    cores = seen.signals.others_cores
    if cores is None or cores <= OTHERS_CORES:
        return None
    is_crowded = seen.cpus_here - seen.own_cores - cores < IDLE_CORES
    sentence = f"CPU used by others: other processes kept {cores:.2f} cores busy"
    return _limit(cores, OTHERS_CORES, OTHERS_CORES if is_crowded else math.inf,
                  f"{sentence}{' and left none idle' if is_crowded else ''}.")


@detector("CPU per item")
def cpu_per_item(seen: Seen) -> Verdict | None:
    """The same work cost more than in this point's best window: a hidden neighbour (cache, SMT) or a slower clock."""
    if not seen.best_cpu_per_item_s or seen.cpu_per_item_s <= 0:
        return None
    ratio = seen.cpu_per_item_s / seen.best_cpu_per_item_s
    slower = (seen.signals.spin_s or 0) / seen.best_spin_s if seen.best_spin_s else 0.0
    sentence = f"CPU per item: {ratio:.2f} times the CPU time of this point's best window"
    if slower > 1 + CLOCK_REJECT:  # the whole machine is slower: ratios within this block still hold
        return _limit(ratio, CPU_PER_ITEM_DOUBT, math.inf, f"{sentence}; the CPU itself is {slower:.2f} times slower.")
    return _limit(ratio, CPU_PER_ITEM_DOUBT, CPU_PER_ITEM_REJECT, f"{sentence}.")


@detector("throttling")
def throttling(seen: Seen) -> Verdict | None:
    """A cgroup's quota stopped the workers; with as many workers as the quota has cores, that is what is measured."""
    periods = seen.signals.throttled_periods
    if not periods:
        return None
    sentence = f"Throttling: the CPU quota stopped the work in {periods} periods."
    is_expected = seen.cpu_quota is not None and seen.workers >= seen.cpu_quota
    return _limit(periods, 0, math.inf if is_expected else 0, sentence)


@detector("steal")
def steal(seen: Seen) -> Verdict | None:
    """The hypervisor gave the CPU to another machine.  It may also stay at 0 while work suffers."""
    share = seen.signals.steal_share
    return None if share is None else _limit(
        share, STEAL_DOUBT, STEAL_REJECT, f"Steal: another virtual machine took {share:.1%} of the CPUs.")


@detector("clock")
def clock(seen: Seen) -> Verdict | None:
    """The same spin took another CPU time after the window than before.

    Some machines change their speed for milliseconds: the spin sees that, and a window of half a second does not.  So
    it counts only when the work itself took another CPU time than in this point's best window.
    """
    change = seen.signals.clock_change
    best_s = seen.best_cpu_per_item_s
    if change is None or (best_s and abs(seen.cpu_per_item_s / best_s - 1) <= SAME_CPU):
        return None
    sentence = f"Clock: the CPU was {abs(change):.1%} {'slower' if change > 0 else 'quicker'} after it than before."
    return _limit(abs(change), CLOCK_DOUBT, CLOCK_REJECT if best_s else math.inf, sentence)


@detector("major faults")
def major_faults(seen: Seen) -> Verdict | None:
    """Pages came from a disk: a file read for the first time, or memory that was swapped out."""
    pages = seen.signals.major_faults
    return _limit(pages, 0, FAULTS_REJECT, f"Major faults: {pages} pages had to come from a disk.") if pages else None


@detector("few items")
def few_items(seen: Seen) -> Verdict | None:
    """Below 30 items per worker the start and the end of a window weigh: long items leave no choice."""
    if seen.items >= seen.items_rule:
        return None
    return Verdict(doubts=(f"{FEW_ITEMS}: the window had {seen.items}, the rule asks for {seen.items_rule}.",))


@detector("short window")
def short_window(seen: Seen) -> Verdict | None:
    """It ended well before the shortest time asked for: the rate had been underestimated."""
    if seen.wall_s >= SHORT_SHARE * seen.window_s:
        return None
    return Verdict(doubts=(f"Short window: it lasted {seen.wall_s:.2f} s, the plan asks for {seen.window_s:g} s.",))


def _if_others(seen: Seen, reject: float) -> float:
    """`reject`, if others used CPUs at all: what our own processes do to each other belongs to the model."""
    cores = seen.signals.others_cores
    return reject if cores is None or cores > OTHERS_BLAMED_CORES else math.inf


def _culprit(seen: Seen) -> str:
    cores = seen.signals.others_cores
    return "" if cores is None or cores > OTHERS_BLAMED_CORES else ", taken by its own processes"
