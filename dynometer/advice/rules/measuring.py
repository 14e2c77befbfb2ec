"""Rows 0 and 1, and what stays when no row applies: whether the numbers bear advice, and the job is worth any."""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity
from dynometer.advice.messages import call_s
from dynometer.advice.options import PROCESSES, Option, failure, first_usable, leading, measured
from dynometer.advice.thresholds import STARTUP_FACTOR, STARTUP_S
from dynometer.wording import counted, listed, seconds

GRADES_TOO_WEAK = ("C", "invalid")


@RULES(0)
def measure_again(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """No valid number, a machine that was too busy, or grade C where the choice is made."""
    if diagnosis.kind is Kind.REFUSED:
        reasons = "; ".join(map(str, diagnosis.agreeing))
        return _again(f"Other work kept the CPUs busy: {reasons}.")
    options = measured(facts)
    if not options:
        points = sum(len(curve.points) for curve in facts.curves)
        if points:
            return _again(f"None of {counted(points, 'point')} is valid.")
        if failure(facts):
            action = "Mend the function, then measure again."
            return Finding(Severity.WARNING, "Not even one call after the other gives its values.", action,
                           "A call of it for that item alone, outside of any sweep.")
        return None if _is_observed(facts) else _again("Nothing was measured.")
    weak = [
        f"{one.model} with {one.workers} ({one.grade})"
        for one in _deciding(facts, options)
        if one.grade in GRADES_TOO_WEAK
    ]
    return _again(f"The choice hangs on points of weak grade: {listed(weak)}.") if weak else None


def _again(evidence: str) -> Finding:
    return Finding(
        Severity.WARNING,
        evidence,
        "Measure again: on a quiet machine, with a larger budget.",
        "Accepted windows of grade A or B at these points.",
        expects="Advice that rests on numbers.",
    )


def _is_observed(facts: Facts) -> bool:
    return any(value is not None for value in (facts.observables.activity, facts.observables.call_s))


def _deciding(facts: Facts, options: tuple[Option, ...]) -> list[Option]:
    """The baseline, the choice, and the fastest point where that is another."""
    baseline = [one for one in options if one.model == "sequential" and one.variant == facts.base_variant]
    fastest = max(options, key=lambda one: one.throughput_per_s.value if one.throughput_per_s else 0.0)
    return list(dict.fromkeys([*baseline, leading(options) or fastest, fastest]))


@RULES(1)
def too_small(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The whole job takes less than ten start-ups of the workers that would share it."""
    item_s = call_s(facts)
    model, startup_s = _contender(facts, diagnosis)
    if item_s is None or model is None or facts.item_count * item_s >= STARTUP_FACTOR * startup_s:
        return None
    total = seconds(facts.item_count * item_s)
    return Finding(
        Severity.ADVICE,
        f"The job computes for {total} in all; {model} takes {seconds(startup_s)} to start.",
        "Run it sequentially.",
        f"A job of more than {seconds(STARTUP_FACTOR * startup_s)}, or workers that stay up between jobs.",
        model="sequential",
        variant=facts.base_variant,
        workers=1,
        expects=f"{seconds(startup_s)} of start-up avoided",
    )


def _contender(facts: Facts, diagnosis: Diagnosis) -> tuple[str | None, float]:
    """What would be advised for its speed, and its start-up in seconds."""
    options = [one for one in measured(facts) if one.model != "cluster"]
    best = leading(options)
    if best and best.model != "sequential":
        return best.model, best.startup_s or STARTUP_S.get(best.model, 0.0)
    is_tried = any(one.model in STARTUP_S for one in options)
    if is_tried or not diagnosis.names(Kind.GIL, Kind.UNDETERMINED):
        return None, 0.0
    model = first_usable(facts, PROCESSES, facts.base_variant)
    return model, STARTUP_S.get(model or "", 0.0)


@RULES(19)
def as_measured(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """No row of the table applies: the numbers stand without a cause, and the simplest of the fastest is named."""
    best = leading(one for one in measured(facts) if one.model != "cluster")
    settle = " ".join(diagnosis.would_settle) or "More points."
    if best is None:
        return Finding(Severity.NOTE, diagnosis.sentence, "Measure more before anything is changed.", settle)
    if best.model == "sequential":
        return Finding(
            Severity.ADVICE,
            "Nothing that was measured clearly beats the sequential run.",
            "Stay sequential.",
            settle,
            model=best.model,
            variant=best.variant,
            workers=1,
            expects="no start-up, no second copy in memory",
        )
    return Finding(
        Severity.ADVICE,
        f"{best.model} with {best.workers} is the simplest of the fastest points measured. {diagnosis.sentence}",
        f"Use {best.model} with {best.workers}.",
        settle,
        gain=best.gain,
        gain_source=GainSource.MEASURED if best.gain else None,
        model=best.model,
        variant=best.variant,
        workers=best.workers,
    )
