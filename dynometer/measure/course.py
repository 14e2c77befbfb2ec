"""What a sweep knows of one point while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dynometer.measure.calibration import (
    FEWEST_PER_WORKER,
    ITEMS_PER_WORKER,
    STEP_S,
    Frame,
    fair_items,
    sample_of,
    window_items,
)
from dynometer.measure.grades import accepted, is_precise
from dynometer.measure.order import Proved
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point, Trial
from dynometer.measure.verdicts import SHORT_SHARE, Seen, Verdict, judge

START_GUESS_S = 0.4  # of a measuring process and its workers, before the first one of a point has shown it
START_EACH_GUESS_S = 0.05  # for each worker process
WAITING = 0.2  # below this share of CPU time, calls wait, and workers don't get in each other's way (science D.3, R1)
LONGEST_WINDOW_S = 2.5  # of items so long that the rule's 30 per worker would take all day
MOST_ATTEMPTS = 3  # at a window, when detectors reject it
DIAGNOSTIC_WINDOWS = 3  # of points that only the diagnosis wants


@dataclass
class Course:
    """Its windows so far, and what the next will cost."""

    point: Point
    uses_processes: bool
    item_s: float | None = None  # wall time over items that is expected: at first what the proof saw
    chunk: int = 1
    sample: int = 1  # items that all windows of the sweep have in common
    items: int | None = None  # of a window, from the first on
    longest_s: float = LONGEST_WINDOW_S
    cost_s: float | None = None  # of its last window, with start and end
    trials: list[Trial] = field(default_factory=list)
    is_diagnostic: bool = False
    is_over: bool = False

    def frame(self, plan: Plan, cpus_usable: float) -> Frame:
        return Frame(self.point.workers, cpus_usable, self.chunk, plan.window_s, self.longest_s, self.sample)

    def expect(self, proof: Proved | None, reference: Proved | None) -> None:
        """From what the proofs took: this point's with two workers, and the reference's."""
        if reference and reference.item_s and reference.activity is not None and reference.activity < WAITING:
            self.item_s = reference.item_s / self.point.workers
        else:
            self.item_s = proof.item_s if proof else None  # calls that compute: more workers may be no quicker
        if self.item_s is not None:
            self.item_s *= dearer(reference)

    @property
    def rate_guess_per_s(self) -> float | None:
        return 1 / self.item_s if self.item_s else None

    def overhead_s(self) -> float:
        """A guess at what a window costs beside itself: the start of everything, and warming up."""
        start_s = START_GUESS_S + START_EACH_GUESS_S * self.point.workers * self.uses_processes
        return start_s + max(2 * STEP_S, (self.item_s or 0.0) * self.point.workers)

    def expected_s(self, plan: Plan, cpus_usable: float) -> float:
        """What the next window will cost with all around it."""
        if self.cost_s is not None:
            return self.cost_s
        rate_per_s = self.rate_guess_per_s or ITEMS_PER_WORKER / plan.window_s
        items = self.items or window_items(rate_per_s, self.frame(plan, cpus_usable))
        return self.overhead_s() + items / rate_per_s

    def is_enough(self, plan: Plan) -> bool:
        """Whether it needs no further window."""
        if self.is_over or len(self.trials) >= plan.blocks_most * MOST_ATTEMPTS:
            return True
        count = len(accepted(self.trials))
        if self.is_diagnostic and count >= min(DIAGNOSTIC_WINDOWS, plan.blocks_least):
            return True
        return count >= plan.blocks_most or is_precise(self.trials, plan.blocks_least, plan.precision)

    def keep(self, trial: Trial, plan: Plan) -> None:
        self.trials.append(trial)
        if trial.is_accepted and trial.wall_s >= SHORT_SHARE * plan.window_s:
            self.items = trial.items  # calibrated by a quiet window: the next ones do the same work

    def restore(self, trials: Sequence[Trial], plan: Plan) -> None:
        """Go on after the windows of an earlier life of the sweep."""
        for trial in trials:
            self.keep(trial, plan)
        took_s = [START_GUESS_S + trial.startup_s + trial.warmup_s + trial.wall_s for trial in trials]
        self.cost_s = min(took_s, default=None)

    def tries(self, block: int) -> int:
        """How many windows it has had in the block."""
        return sum(trial.block == block for trial in self.trials)

    def has_had(self, block: int) -> bool:
        """Whether it needs no further window in the block."""
        return self.tries(block) >= MOST_ATTEMPTS or any(trial.block == block for trial in accepted(self.trials))

    def judged(self, trial: Trial, plan: Plan, cpus_usable: float, cpus_here: int,
               cpu_quota: float | None) -> Verdict:
        best = min(accepted(self.trials), key=_cpu_per_item, default=None)
        return judge(Seen(
            signals=trial.signals, workers=self.point.workers, cpus_usable=cpus_usable, cpus_here=cpus_here,
            own_cores=trial.cpu_s / trial.wall_s, cpu_per_item_s=_cpu_per_item(trial), items=trial.items,
            items_rule=self.frame(plan, cpus_usable).items_rule, wall_s=trial.wall_s, window_s=plan.window_s,
            best_cpu_per_item_s=_cpu_per_item(best) if best else None,
            best_spin_s=best.signals.spin_s if best else None, cpu_quota=cpu_quota,
        ))


def share_time(courses: Sequence[Course], plan: Plan, left_s: float) -> None:
    """Set the longest windows so that the fewest blocks asked for fit into `left_s`, as far as items allow."""
    if not courses:
        return
    around_s = sum(course.overhead_s() for course in courses)
    share_s = (left_s / plan.blocks_least - around_s) / len(courses)
    for course in courses:
        course.longest_s = max(plan.window_s, min(LONGEST_WINDOW_S, share_s))


def choose_sample(courses: Sequence[Course], plan: Plan, cpus_usable: float, reference: Proved | None = None) -> int:
    """Set the items that all windows have in common: as many as the slowest point has time for."""
    fair = [fair_items(course.rate_guess_per_s or ITEMS_PER_WORKER / plan.window_s, course.frame(plan, cpus_usable))
            for course in courses]
    sample = sample_of(min(fair, default=1), plan.items, _costs(reference))
    for course in courses:
        course.sample = sample
    return sample


def least_sample(plan: Plan, reference: Proved | None) -> int:
    """What `choose_sample` comes down to however slow the slowest point is."""
    return sample_of(FEWEST_PER_WORKER, plan.items, _costs(reference))


def _costs(reference: Proved | None) -> list[float]:
    """Of the first 1, 2, 4, ... items, in units of a mean one."""
    mean_s = (reference and reference.mean_item_s) or 1.0
    return [cost_s / mean_s for cost_s in reference.costs_s] if reference else []


def dearer(reference: Proved | None) -> float:
    """By how much the mean of many items costs more than that of the first ones, which all proofs ran."""
    if reference is None or not reference.item_s or not reference.mean_item_s:
        return 1.0
    return reference.mean_item_s / reference.item_s


def _cpu_per_item(trial: Trial) -> float:
    return trial.cpu_s / trial.items
