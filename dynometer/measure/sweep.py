"""A sweep: proof, then blocks of windows in random order until points are precise or the budget is spent."""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

from dynometer import execution
from dynometer.measure import cgroup, machine
from dynometer.measure.bench import Bench, PointFailed, ProcessBench
from dynometer.measure.budget import Alone, Budget
from dynometer.measure.calibration import LARGEST_SAMPLE
from dynometer.measure.course import MOST_ATTEMPTS, Course, choose_sample, least_sample, share_time
from dynometer.measure.events import Event
from dynometer.measure.grades import accepted
from dynometer.measure.ledger import Ledger
from dynometer.measure.order import Job, ProbeOrder, WindowOrder
from dynometer.measure.plan import Plan
from dynometer.measure.proofs import Proofs
from dynometer.measure.spread import picked
from dynometer.measure.trial import Probe, Setback, Standing, Trial

PAUSE_S = (0.05, 0.5)  # before a rejected window is tried again: what was in the way may be gone
PROBE_S, PROBE_GUESS_S = 1.0, 2.5  # of each variant: what it takes, and what must be left to begin one
FIRST_LOOK_S = 1.5  # of the reference's proof at most, for it to be made twice so that the first window comes sooner
RESERVE = 1.5  # times what windows are expected to take: on the first block these are guesses
ALL_VOID = ("Every other way to call the function gives other values than one call after the other: its value must "
            "depend on nothing but the item.")
ONE_BY_ONE = ("sequential", "event-loop")


def sweep(plan: Plan, bench: Bench | None = None, *, earlier: Sequence[Event] = (), spent_s: float = 0.0,
          alone: Alone = nullcontext) -> Iterator[Event]:
    """Yield what the sweep finds the moment it is found, so the caller may save it, show it, or stop there.

    Setbacks come as soon as they are known; rejected windows are yielded too.  Closing the iterator at any moment
    leaves no process.  It ends within the budget and a few seconds.

    A sweep that was killed goes on, on an equal machine: `earlier` is what it yielded, none of which comes again, and
    `spent_s` what it took of the budget.  `alone` is entered around the proofs, the probes and each window; what it
    takes to enter is no part of the budget.
    """
    if bench is not None:
        yield from _Sweep(plan, bench, earlier, spent_s, alone).events()
        return
    with ProcessBench(plan.library_threads, plan.item_limit_s) as processes:
        yield from _Sweep(plan, processes, earlier, spent_s, alone).events()


class _Sweep:
    def __init__(self, plan: Plan, bench: Bench, earlier: Sequence[Event], spent_s: float, alone: Alone) -> None:
        self.plan, self.bench, self.spent_before_s = plan, bench, spent_s
        self.random = random.Random(plan.seed)
        self.cpus_usable, self.cpus_here = machine.cpus_usable(), machine.cpus_here()
        self.cpu_quota = cgroup.quota_cores()
        self.is_gil_enabled = machine.is_gil_enabled()
        self.budget = Budget(bench.now_s, plan.budget_s, spent_s, alone)
        self.ledger = Ledger(plan, self.budget, self.cpus_usable, earlier)
        inputs = plan.inputs and picked(plan.inputs, plan.items, LARGEST_SAMPLE)
        self.job = self.given = Job(plan.workload, plan.parameters, plan.items, inputs, plan.start_method,
                                    inputs_count=len(plan.inputs or ()))
        self.proofs = Proofs(self.ledger, bench, self.given)

    def events(self) -> Iterator[Event]:
        ledger = self.ledger
        yield from ledger.planned_setbacks()
        if ledger.is_enough():
            return
        with self.budget.turn():
            yield from self._prove()
        if ledger.is_alone_with_void() and ledger.baseline:
            yield from ledger.over(ledger.baseline, Standing.FAILED, ALL_VOID)
        self._divide()
        for block in itertools.count(ledger.first_block):
            if ledger.is_enough():
                return
            due = self._due(block)
            if not due:  # in the block in which an earlier life ended
                continue
            is_begun = False
            if block == 0 or ledger.has_room(due):
                for event in self._block(block, due):
                    is_begun = True
                    yield event
            if not is_begun:
                yield ledger.ended(block)
                return
            yield from self._probe()

    def _prove(self) -> Iterator[Event]:
        """All pairs.  Where items are long, the baseline's first window comes before the others' proofs."""
        yield from self.proofs.run(self._may_begin)
        baseline = self.ledger.baseline
        if self.proofs.is_whole or baseline is None:
            return
        yield from self._measure(baseline, 0, 0, ())
        yield from self.proofs.run(lambda: False)

    def _may_begin(self) -> bool:
        """Whether no other point's proof can change what a window of the baseline holds, and so few are worth a wait.

        The proof of the reference is made again with those of the others, so it must have been short.
        """
        baseline = self.ledger.baseline
        if baseline is None or self.ledger.has_trials() or self.budget.spent_s() > self.spent_before_s + FIRST_LOOK_S:
            return False
        self._divide()
        return self.ledger.sample == least_sample(self.plan, self.proofs.reference) and baseline.chunk == 1

    def _divide(self) -> None:
        """Time among the points, as a whole sweep does after its proofs; and the items that all windows share."""
        running, took_s = self.ledger.running(), self.budget.spent_s() - self.spent_before_s
        probes_s = PROBE_S * len({course.point.variant for course in running}) * self.plan.diagnoses
        share_time(running, self.plan, self.plan.budget_s - took_s - probes_s)
        chosen = choose_sample(running, self.plan, self.cpus_usable, self.proofs.reference)
        if not (self.ledger.sample and self.ledger.has_trials()):
            self.ledger.sample = chosen
        for course in running:
            course.sample = self.ledger.sample
        self.job = replace(self.given, inputs=self.given.inputs and self.given.inputs[:self.ledger.sample])
        self.ledger.whole_s = took_s + self.plan.blocks_least * self.ledger.cost_s(running)

    def _probe(self) -> Iterator[Probe]:
        """Of each variant that has none: one call after the other, or one coroutine."""
        variants = dict.fromkeys(course.point.variant for course in self.ledger.running())
        missing = [variant for variant in variants if self.plan.diagnoses and variant not in self.ledger.probed]
        if not missing:
            return
        self.ledger.probed.update(missing)
        with self.budget.turn():
            for variant in missing:
                work = self.job.work(variant)
                model = next((key for key in ONE_BY_ONE if execution.find(key).why_not(work) is None), None)
                if model is None or self.budget.left_s() < PROBE_GUESS_S:
                    continue
                probe = self.bench.probe(ProbeOrder(self.job, variant, model), self.budget.end_s)
                if probe:
                    yield probe

    def _due(self, block: int) -> list[Course]:
        """Points that need a window in the block, in random order; the baseline first or last, and always there.

        It is first in the first block, so that there is soon something to compare with, last in the second, and then
        in random turn.
        """
        ledger, fixed = self.ledger, self.ledger.baseline
        others = [course for course in ledger.running()
                  if course is not fixed and not course.is_enough(self.plan) and not course.has_had(block)]
        self.random.shuffle(others)
        is_first = block == 0 or (block > 1 and self.random.random() < 0.5)
        first = [fixed] if fixed and not fixed.is_over and not fixed.has_had(block) else []
        if RESERVE * ledger.cost_s([*first, *others]) > self.budget.left_s():  # cut short, maybe: who has least first
            return [*first, *sorted(others, key=lambda course: len(accepted(course.trials)))]
        return [*first, *others] if is_first else [*others, *first]

    def _block(self, block: int, due: Sequence[Course]) -> Iterator[Trial | Setback]:
        for place, course in enumerate(due, self.ledger.measured_in(block)):
            yield from self._measure(course, block, place, due[due.index(course) + 1:])

    def _measure(self, course: Course, block: int, place: int, due: Sequence[Course]) -> Iterator[Trial | Setback]:
        """One window, and again after a pause while detectors reject it."""
        ledger, tried = self.ledger, course.tries(block)
        for attempt in range(tried + 1, MOST_ATTEMPTS + 1):
            if ledger.cost_s([course]) + (self._reserve_s(due) if attempt > 1 else 0.0) > self.budget.left_s():
                yield from ledger.not_begun(course)
                return
            if attempt > tried + 1:
                self.bench.pause(self.random.uniform(*PAUSE_S))
            try:
                with self.budget.turn():
                    start_s, begun_s = self.bench.now_s(), self.budget.spent_s()
                    trial = self.bench.window(self._order_of(course, block, place, attempt), self.budget.end_s)
            except PointFailed as failure:
                yield from ledger.over(course, Standing.FAILED, str(failure))
                return
            # the least seen: one that a neighbour held up must not keep the point out of all later blocks
            course.cost_s = min(self.bench.now_s() - start_s, course.cost_s or math.inf)
            if trial is None:
                yield from ledger.not_begun(course)
                return
            yield self._judged(course, replace(trial, begun_s=begun_s))
            if course.trials[-1].is_accepted:
                return

    def _reserve_s(self, due: Sequence[Course]) -> float:
        """What nobody's further attempt may take: the first windows of points, and one of those `due` in this block."""
        unseen = [other for other in self.ledger.running() if not other.trials]
        next_s = min((self.ledger.cost_s([other]) for other in due), default=0.0)
        return max(RESERVE * self.ledger.cost_s(unseen), next_s)

    def _judged(self, course: Course, trial: Trial) -> Trial:
        verdict = course.judged(trial, self.plan, self.cpus_usable, self.cpus_here, self.cpu_quota)
        trial = replace(trial, rejected=verdict.rejected, doubts=trial.doubts + verdict.doubts)
        course.keep(trial, self.plan)
        self.ledger.chunks.setdefault(course.point.variant, trial.chunk)  # whatever further proofs say
        return trial

    def _order_of(self, course: Course, block: int, place: int, attempt: int) -> WindowOrder:
        return WindowOrder(
            job=self.job, point=course.point, block=block, place=place, attempt=attempt, chunk=course.chunk,
            window_s=self.plan.window_s, longest_s=course.longest_s, cpus_usable=self.cpus_usable,
            sample=course.sample, items=course.items, is_gil_enabled=self.is_gil_enabled,
        )
