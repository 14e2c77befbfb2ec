"""What a sweep has in hand: the course of each point, what is over, and whether there is time for more."""

from collections.abc import Iterator, Sequence

from dynometer import execution
from dynometer.measure.budget import Budget
from dynometer.measure.course import Course
from dynometer.measure.events import Event
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Ended, Point, Probe, Setback, Standing, Trial


class Ledger:
    """Begins where `earlier` events of the same sweep end: with none of them, at its beginning."""

    def __init__(self, plan: Plan, budget: Budget, cpus_usable: float, earlier: Sequence[Event]) -> None:
        self.plan, self.budget, self.cpus_usable = plan, budget, cpus_usable
        self.courses = {
            point: Course(point, execution.find(point.model).uses_processes, is_diagnostic=point in plan.diagnostic)
            for point in plan.points
        }
        self.baseline = self.courses.get(plan.baseline)
        self.whole_s = 0.0  # that the fewest windows of all points would take, by what the proofs took
        self.probed = {event.variant for event in earlier if isinstance(event, Probe)}
        self.has_ended = any(isinstance(event, Ended) for event in earlier)
        trials = [event for event in earlier if isinstance(event, Trial) and event.point in self.courses]
        for point, course in self.courses.items():
            course.restore([trial for trial in trials if trial.point == point], plan)
        self.first_block = max((trial.block for trial in trials), default=0)
        self.sample = trials[-1].sample if trials else 0  # items; 0: not chosen yet
        self.chunks = {trial.point.variant: trial.chunk for trial in trials}
        self._told = {event.point: event.standing for event in earlier if isinstance(event, Setback)}
        for point in self._told.keys() & self.courses.keys():
            self.courses[point].is_over = True

    def planned_setbacks(self) -> Iterator[Setback]:
        for setback in self.plan.setbacks:
            if setback.point not in self._told:
                yield setback

    def over(self, course: Course, standing: Standing, reason: str) -> Iterator[Setback]:
        """Its setback, unless it was over before."""
        if not course.is_over:
            course.is_over = True
            self._told[course.point] = standing
            yield Setback(course.point, standing, reason)

    def running(self) -> list[Course]:
        return [course for course in self.courses.values() if not course.is_over]

    def is_enough(self) -> bool:
        """Whether no point needs a further window."""
        return self.has_ended or all(course.is_enough(self.plan) for course in self.running())

    def is_alone_with_void(self) -> bool:
        """Whether nothing is left to set the baseline against, because all others answer otherwise than it does."""
        void = [point for point in self.courses if self._told.get(point) is Standing.VOID]
        return bool(void and self.baseline and not self.baseline.is_over and len(void) == len(self.courses) - 1)

    def has_trials(self) -> bool:
        return any(course.trials for course in self.courses.values())

    def measured_in(self, block: int) -> int:
        """How many points have had a window in it."""
        return sum(course.tries(block) > 0 for course in self.courses.values())

    def cost_s(self, courses: Sequence[Course]) -> float:
        """What the next window of each will take."""
        return sum(course.expected_s(self.plan, self.cpus_usable) for course in courses)

    def has_room(self, due: Sequence[Course]) -> bool:
        """Whether one of `due` can be measured with the baseline: a block of the baseline alone has no ratio."""
        fixed_s = self.cost_s([course for course in due if course is self.baseline])
        others = [self.cost_s([course]) for course in due if course is not self.baseline]
        return fixed_s + min(others, default=0.0) <= self.budget.left_s()

    def not_begun(self, course: Course) -> Iterator[Setback]:
        """Its setback, if it has no window yet."""
        if not course.trials:
            reason = (f"The budget of {self.plan.budget_s:g} s was spent; about {self.whole_s:.0f} s would measure all "
                      "points. Raise the budget, or leave points out.")
            yield from self.over(course, Standing.NOT_BEGUN, reason)

    def ended(self, block: int) -> Ended:
        """Why `block` was not begun, or not gone on with where an earlier life had begun it."""
        blocks = block + (self.measured_in(block) > 0)
        counted, left_s = "1 block" if blocks == 1 else f"{blocks} blocks", max(0.0, self.budget.left_s())
        return Ended(f"The budget of {self.plan.budget_s:g} s ended it after {counted}: the {left_s:.1f} s left were "
                     "too few for another window of the baseline and one of a point that wants it.")

    def of_pair(self, pair: Point) -> list[Course]:
        """All worker counts of a model and variant."""
        return [course for point, course in self.courses.items()
                if (point.model, point.variant) == (pair.model, pair.variant)]
