"""A sweep: proof, probes, then blocks of windows in random order until points are precise or the budget is spent."""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dynometer import execution
from dynometer.measure import cgroup, machine
from dynometer.measure.bench import Bench, PointFailed, ProcessBench
from dynometer.measure.calibration import LARGEST_SAMPLE, chunk_for
from dynometer.measure.course import MOST_ATTEMPTS, Course, choose_sample, dearer, share_time
from dynometer.measure.grades import accepted
from dynometer.measure.order import Job, ProbeOrder, ProofOrder, Proved, WindowOrder
from dynometer.measure.plan import Plan
from dynometer.measure.spread import picked
from dynometer.measure.trial import Ended, Point, Probe, Setback, Standing, Trial
from dynometer.measure.verdicts import SHORT_SHARE

PAUSE_S = (0.05, 0.5)  # before a rejected window is tried again: what was in the way may be gone
PROOF_WORKERS = 2
PROOF_SHARE = 0.5  # of the budget at most: then there is nothing to measure with
PROBE_GUESS_S = 2.5
RESERVE = 1.5  # times what windows are expected to take: on the first block these are guesses
UNPROVEN = "Its values were not proven before half the budget was gone. Raise the budget, or leave models out."
ALL_VOID = ("Every other way to call the function gives other values than one call after the other: its value must "
            "depend on nothing but the item.")
ONE_BY_ONE = ("sequential", "event-loop")

Event = Trial | Setback | Probe | Ended


def sweep(plan: Plan, bench: Bench | None = None) -> Iterator[Event]:
    """Yield what the sweep finds the moment it is found, so the caller may save it, show it, or stop there.

    Setbacks come as soon as they are known; rejected windows are yielded too.  Closing the iterator at any moment
    leaves no process.  It ends within the budget and a few seconds.
    """
    if bench is not None:
        yield from _Sweep(plan, bench).events()
        return
    with ProcessBench(plan.library_threads, plan.item_limit_s) as processes:
        yield from _Sweep(plan, processes).events()


class _Sweep:
    def __init__(self, plan: Plan, bench: Bench) -> None:
        self.plan, self.bench = plan, bench
        self.end_s = bench.now_s() + plan.budget_s
        self.random = random.Random(plan.seed)
        self.cpus_usable, self.cpus_here = machine.cpus_usable(), machine.cpus_here()
        self.cpu_quota = cgroup.quota_cores()
        self.is_gil_enabled = machine.is_gil_enabled()
        inputs = plan.inputs and picked(plan.inputs, plan.items, LARGEST_SAMPLE)
        self.job = Job(plan.workload, plan.parameters, plan.items, inputs, plan.start_method,
                       inputs_count=len(plan.inputs or ()))
        self.sample = 1
        self.void = 0  # points
        self.whole_s = 0.0  # that the fewest windows of all points would take, by what the proofs took
        self.reference: Proved | None = None
        self.courses = {
            point: Course(point, execution.find(point.model).uses_processes, is_diagnostic=point in plan.diagnostic)
            for point in plan.points
        }

    def events(self) -> Iterator[Event]:
        yield from self.plan.setbacks
        yield from self._prove()
        if self._is_alone_with_void():
            yield self._over(self.courses[self.plan.baseline], Standing.FAILED, ALL_VOID)
            return
        if self.plan.diagnoses:
            yield from self._probe()
        share_time(self._running(), self.plan, self._left_s())
        self.sample = choose_sample(self._running(), self.plan, self.cpus_usable, self.reference)
        self.job = replace(self.job, inputs=self.job.inputs and self.job.inputs[:self.sample])
        self.whole_s = self.plan.budget_s - self._left_s() + self.plan.blocks_least * self._cost_s(self._running())
        for block in itertools.count():
            wanting = [course for course in self._running() if not course.is_enough(self.plan)]
            if not wanting:
                return
            begun = self._block(block) if block == 0 or self._has_room(wanting) else iter(())
            first = next(begun, None)
            if first is None:
                yield self._ended(block)
                return
            yield first
            yield from begun

    def _is_alone_with_void(self) -> bool:
        """Whether nothing is left to set the baseline against, because all others answer otherwise than it does."""
        baseline = self.courses.get(self.plan.baseline)
        return bool(self.void and baseline and not baseline.is_over and self.void == len(self.courses) - 1)

    def _has_room(self, wanting: Sequence[Course]) -> bool:
        """Whether one of `wanting` can be measured with the baseline: a block of the baseline alone has no ratio."""
        baseline = self.courses.get(self.plan.baseline)
        fixed_s = self._cost_s([baseline]) if baseline and not baseline.is_over else 0.0
        others = [self._cost_s([course]) for course in wanting if course is not baseline]
        return fixed_s + min(others, default=0.0) <= self._left_s()

    def _ended(self, blocks: int) -> Ended:
        counted, left_s = "1 block" if blocks == 1 else f"{blocks} blocks", max(0.0, self._left_s())
        return Ended(f"The budget of {self.plan.budget_s:g} s ended it after {counted}: the {left_s:.1f} s left were "
                     "too few for another window of the baseline and one of a point that wants it.")

    def _running(self) -> list[Course]:
        return [course for course in self.courses.values() if not course.is_over]

    def _prove(self) -> Iterator[Setback]:
        """One proof for each model and variant: its other worker counts do the same calls."""
        reference = self.plan.baseline
        chosen: dict[tuple[str, str], Point] = {}
        for point in self.plan.points:
            workers = PROOF_WORKERS if execution.find(point.model).most_workers != 1 else 1
            chosen.setdefault((point.model, point.variant), replace(point, workers=workers))
        chosen.pop((reference.model, reference.variant), None)
        end_s = self.bench.now_s() + PROOF_SHARE * self.plan.budget_s
        proved: dict[tuple[str, str], Proved] = {}
        for proof in self.bench.prove(ProofOrder(self.job, reference, tuple(chosen.values())), end_s):
            proved[proof.point.model, proof.point.variant] = proof
            yield from self._consequences(proof, is_reference=proof.point == reference)
        for point, course in self.courses.items():
            if not course.is_over and (point.model, point.variant) not in proved:
                yield self._over(course, Standing.NOT_BEGUN, UNPROVEN)
        self._expect(proved)

    def _consequences(self, proof: Proved, *, is_reference: bool) -> Iterator[Setback]:
        """A pair that answers wrongly is void; when the reference fails, there is nothing to measure anybody by."""
        if proof.is_equal:
            return
        standing = Standing.FAILED if proof.has_failed else Standing.VOID
        for point, course in self.courses.items():
            if (is_reference and proof.has_failed) or (point.model, point.variant) == (
                    proof.point.model, proof.point.variant):
                self.void += standing is Standing.VOID
                yield self._over(course, standing, proof.reason)

    def _expect(self, proved: dict[tuple[str, str], Proved]) -> None:
        """Chunks, and what windows will take, from what the proofs took."""
        self.reference = reference = proved.get((self.plan.baseline.model, self.plan.baseline.variant))
        quickest: dict[str, float] = {}  # variant -> item: what carries items least shows best what a call costs
        for (_, variant), proof in proved.items():
            if proof.item_s is not None:
                quickest[variant] = min(proof.item_s, quickest.get(variant, proof.item_s))
        for point, course in self.courses.items():
            item_s = quickest.get(point.variant)
            course.chunk = chunk_for(None if item_s is None else item_s * dearer(reference))
            course.expect(proved.get((point.model, point.variant)), reference)

    def _over(self, course: Course, standing: Standing, reason: str) -> Setback:
        course.is_over = True
        return Setback(course.point, standing, reason)

    def _probe(self) -> Iterator[Probe]:
        """Of each variant: one call after the other, or one coroutine."""
        for variant in dict.fromkeys(course.point.variant for course in self._running()):
            work = self.job.work(variant)
            model = next((key for key in ONE_BY_ONE if execution.find(key).why_not(work) is None), None)
            if model is None or self._left_s() < PROBE_GUESS_S:
                continue
            probe = self.bench.probe(ProbeOrder(self.job, variant, model), self.end_s)
            if probe:
                yield probe

    def _block(self, block: int) -> Iterator[Trial | Setback]:
        order = self._order(block)
        for place, course in enumerate(order):
            yield from self._measure(course, block, place, order[place + 1:])

    def _order(self, block: int) -> list[Course]:
        """Points that need a window, in random order; the baseline first or last in random turn, and always there."""
        baseline = self.courses.get(self.plan.baseline)
        others = [course for course in self._running() if course is not baseline and not course.is_enough(self.plan)]
        self.random.shuffle(others)
        if baseline is None or baseline.is_over:
            return others
        is_first = self.random.random() < 0.5
        if RESERVE * self._cost_s([baseline, *others]) > self._left_s():  # may be cut short: who has least is first
            return [baseline, *sorted(others, key=lambda course: len(accepted(course.trials)))]
        return [baseline, *others] if is_first else [*others, baseline]

    def _measure(self, course: Course, block: int, place: int, due: Sequence[Course]) -> Iterator[Trial | Setback]:
        """One window, and again after a pause while detectors reject it."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            if self._cost_s([course]) + (self._reserve_s(due) if attempt > 1 else 0.0) > self._left_s():
                if not course.trials and attempt == 1:
                    yield self._over(course, Standing.NOT_BEGUN, self._no_time())
                return
            if attempt > 1:
                self.bench.pause(self.random.uniform(*PAUSE_S))
            start_s = self.bench.now_s()
            try:
                trial = self.bench.window(self._order_of(course, block, place, attempt), self.end_s)
            except PointFailed as failure:
                yield self._over(course, Standing.FAILED, str(failure))
                return
            # the least seen: one that a neighbour held up must not keep the point out of all later blocks
            course.cost_s = min(self.bench.now_s() - start_s, course.cost_s or math.inf)
            if trial is None:
                if not course.trials:
                    yield self._over(course, Standing.NOT_BEGUN, self._no_time())
                return
            yield self._judged(course, trial)
            if course.trials[-1].is_accepted:
                return

    def _reserve_s(self, due: Sequence[Course]) -> float:
        """What nobody's further attempt may take: the first windows of points, and one of those `due` in this block."""
        unseen = [other for other in self._running() if not other.trials]
        return max(RESERVE * self._cost_s(unseen), min((self._cost_s([other]) for other in due), default=0.0))

    def _judged(self, course: Course, trial: Trial) -> Trial:
        verdict = course.judged(trial, self.plan, self.cpus_usable, self.cpus_here, self.cpu_quota)
        trial = replace(trial, rejected=verdict.rejected, doubts=trial.doubts + verdict.doubts)
        course.trials.append(trial)
        if trial.is_accepted and trial.wall_s >= SHORT_SHARE * self.plan.window_s:
            course.items = trial.items  # calibrated by a quiet window: the next ones do the same work
        return trial

    def _order_of(self, course: Course, block: int, place: int, attempt: int) -> WindowOrder:
        return WindowOrder(
            job=self.job, point=course.point, block=block, place=place, attempt=attempt, chunk=course.chunk,
            window_s=self.plan.window_s, longest_s=course.longest_s, cpus_usable=self.cpus_usable, sample=self.sample,
            items=course.items, is_gil_enabled=self.is_gil_enabled,
        )

    def _no_time(self) -> str:
        return (f"The budget of {self.plan.budget_s:g} s was spent; about {self.whole_s:.0f} s would measure all "
                "points. Raise the budget, or leave points out.")

    def _cost_s(self, courses: Sequence[Course]) -> float:
        return sum(course.expected_s(self.plan, self.cpus_usable) for course in courses)

    def _left_s(self) -> float:
        return self.end_s - self.bench.now_s()
