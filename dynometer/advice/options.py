"""What was measured, as choices that can be compared: nobody wins by less than the intervals or 5 %."""

from collections.abc import Iterable
from dataclasses import dataclass

from dynometer.advice.facts import Curve, Facts
from dynometer.advice.thresholds import GAIN_LEAST
from dynometer.estimate import Estimate
from dynometer.measure.trial import Standing

THREADS = ("threads", "daemon-threads")
EVENT_LOOPS = ("event-loop", "event-loop-threads")
PROCESSES = ("pool", "process-executor")
SINGLE = ("sequential", "vectorised", "native")  # one worker by their nature
SIMPLEST_FIRST = (
    *SINGLE,
    *THREADS,
    *reversed(EVENT_LOOPS),
    *PROCESSES,
    "interpreters",
    "processes-manager",
    "daemons",
    "cluster",
)
BASELINES = ("sequential", "event-loop")  # those that the proof takes for the reference
ONE = Estimate(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Option:
    """One way to run the work, measured or expected."""

    model: str
    variant: str
    workers: int
    throughput_per_s: Estimate | None
    gain: Estimate | None  # over the sequential baseline
    grade: str = ""
    startup_s: float = 0.0

    @property
    def simplicity(self) -> tuple[int, int]:
        rank = SIMPLEST_FIRST.index(self.model) if self.model in SIMPLEST_FIRST else len(SIMPLEST_FIRST)
        return rank, self.workers


BASELINE = Option("sequential", "", 1, None, ONE)


def is_usable(facts: Facts, model: str, variant: str | None = None) -> bool:
    """Whether the model can be advised: it is there, and its values are not void."""
    if model in facts.unavailable:
        return False
    about = [one for one in facts.setbacks if one.point.model == model and variant in (None, one.point.variant)]
    if any(one.standing in (Standing.VOID, Standing.UNAVAILABLE) for one in about):
        return False
    is_measured = any(curve.model == model and variant in (None, curve.variant) for curve in facts.curves)
    return is_measured or not (about or (facts.available_models and model not in facts.available_models))


def failure(facts: Facts) -> str:
    """The sentence that says how the work itself failed, where it did so before anything was measured; else ""."""
    if facts.curves:
        return ""
    tried = [one for one in facts.setbacks if one.standing is not Standing.UNAVAILABLE]
    failed = [one for one in tried if one.standing is Standing.FAILED and one.point.model in BASELINES]
    if failed and not {one.standing for one in tried} - {Standing.FAILED, Standing.VOID}:
        return failed[0].reason
    reasons = {(one.standing, one.reason) for one in tried}  # one, when it is the reference that failed
    return tried[0].reason if len(reasons) == 1 and tried[0].standing is Standing.FAILED else ""


def measured(facts: Facts) -> tuple[Option, ...]:
    """Every valid point of what can be used, with its gain where there is a baseline."""
    found = []
    baseline = baseline_of(facts)
    for curve in facts.curves:
        if not is_usable(facts, curve.model, curve.variant):
            continue
        for point in curve.points:
            if point.grade == "invalid":
                continue
            ratio = point.speedup or (_over(point.throughput_per_s, baseline) if baseline else None)
            if curve.model == "sequential" and curve.variant == facts.base_variant:
                ratio = ONE
            found.append(
                Option(
                    curve.model,
                    curve.variant,
                    point.workers,
                    point.throughput_per_s,
                    ratio,
                    point.grade,
                    point.startup_s,
                )
            )
    return tuple(found)


def lead_of(options: Iterable[Option]) -> Option | None:
    """The fewest workers of one curve that nothing on it clearly beats; among those that gain, where any does."""
    some = list(options)
    return leading(one for one in some if is_clearly_above(one, BASELINE)) or leading(some)


def curve_of_law(facts: Facts) -> Curve | None:
    """The curve whose law tells most: the fastest that has coefficients, of the plain variant where there is one."""
    lawful = [
        curve
        for curve in facts.curves
        if curve.best and curve.law and curve.law.coefficients and is_usable(facts, curve.model, curve.variant)
    ]
    plain = [curve for curve in lawful if curve.variant == facts.base_variant] or lawful
    return max(plain, key=lambda curve: curve.best.throughput_per_s.value if curve.best else 0.0, default=None)


def baseline_of(facts: Facts) -> Estimate | None:
    """The sequential throughput of the variant that the observables speak of."""
    sequential = facts.curve("sequential", facts.base_variant)
    return sequential.best.throughput_per_s if sequential and sequential.best else None


def _over(mine: Estimate, base: Estimate) -> Estimate:
    """A ratio whose interval holds whatever moved the two together: wider than one within blocks."""
    return Estimate(mine.value / base.value, mine.low / base.high, mine.high / base.low)


def ratio(one: Option, other: Option) -> float | None:
    pair = _pair(one, other)
    return pair[0].value / pair[1].value if pair else None


def is_clearly_above(one: Option, other: Option) -> bool:
    """Apart by 5 % and more, and the intervals do not overlap."""
    pair = _pair(one, other)
    return pair is not None and pair[0].value >= GAIN_LEAST * pair[1].value and pair[0].low > pair[1].high


def is_tied(one: Option, other: Option) -> bool:
    return not is_clearly_above(one, other) and not is_clearly_above(other, one)


def _pair(one: Option, other: Option) -> tuple[Estimate, Estimate] | None:
    if one.gain and other.gain:
        return one.gain, other.gain
    if one.throughput_per_s and other.throughput_per_s:
        return one.throughput_per_s, other.throughput_per_s
    return None


def leading(options: Iterable[Option]) -> Option | None:
    """The simplest of those that the fastest does not clearly beat.

    One that is no better than something simpler, which the fastest does beat, is left out: a wide interval is no merit.
    """
    some = list(options)
    if not some:
        return None
    fastest = max(some, key=_height)
    beaten = [one for one in some if is_clearly_above(fastest, one)]
    level = [one for one in some if one is fastest or not (one in beaten or _adds_nothing(one, beaten))]
    return min(level, key=lambda one: one.simplicity)


def _adds_nothing(option: Option, beaten: Iterable[Option]) -> bool:
    return any(one.simplicity < option.simplicity and not is_clearly_above(option, one) for one in beaten)


def _height(option: Option) -> float:
    estimate = option.throughput_per_s or option.gain
    return estimate.value if estimate else 0.0


def of_model(facts: Facts, *models: str, variant: str | None = None) -> list[Option]:
    return [one for one in measured(facts) if one.model in models and variant in (None, one.variant)]


def first_usable(facts: Facts, models: Iterable[str], variant: str | None) -> str | None:
    """The model of this family that measured best, else the first that can be had."""
    usable = [model for model in models if is_usable(facts, model, variant)]
    best = leading(of_model(facts, *usable, variant=variant))
    return best.model if best else next(iter(usable), None)
