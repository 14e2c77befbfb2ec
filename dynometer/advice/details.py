"""What the verdict rests on, in sentences: how each model scales here, and why, as far as the numbers bear it."""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores
from dynometer.advice.facts import Facts
from dynometer.advice.options import (
    EVENT_LOOPS,
    SINGLE,
    THREADS,
    Option,
    failure,
    is_clearly_above,
    is_tied,
    leading,
    measured,
    ratio,
)
from dynometer.advice.reservations import invalid, missing, superlinear, weak
from dynometer.advice.sound import sound_facts
from dynometer.advice.story import Story, is_plural, stories, told
from dynometer.estimate import Estimate
from dynometer.measure.trial import Standing
from dynometer.wording import counted, gain, hundredths, is_unknown, listed, times
from dynometer.workloads.own import is_own

QUIET = (Kind.GIL_RELEASED, Kind.LIBRARY_THREADS)  # what holds nothing back
FAR_APART = 1.25  # values that differ by more are not level, however wide their intervals
IN_THREADS = (*THREADS, *EVENT_LOOPS)


def details(facts: Facts, diagnosis: Diagnosis) -> tuple[str, ...]:
    """Plain sentences.  Names no winner by less than 5 % or where intervals overlap.  Never raises."""
    facts = sound_facts(facts)
    if not measured(facts):
        return (nothing(facts), *(() if failure(facts) else missing(facts)))
    parts = [*_scaling(facts, diagnosis), *_variants(facts), *_cluster(facts)] or [alone(facts)]
    return (*parts, *_cause(facts, diagnosis), *superlinear(facts), *weak(facts), *invalid(facts), *missing(facts))


def nothing(facts: Facts) -> str:
    points = sum(len(curve.points) for curve in facts.curves)
    invalid = sum(point.grade == "invalid" for curve in facts.curves for point in curve.points)
    if invalid and invalid == points:
        return f"No number counts: all of {counted(points, 'point')} are invalid; measure again on a quiet machine."
    if reason := failure(facts):
        who = "Your function" if is_own(facts.workload) else "The workload"
        return f"{who} fails, so nothing was measured: {reason} Mend it, then measure again."
    unbegun = next((one for one in facts.setbacks if one.standing is Standing.NOT_BEGUN), None)
    return f"Nothing was measured: {unbegun.reason}" if unbegun else "Nothing was measured that counts."


def alone(facts: Facts) -> str:
    names = list(dict.fromkeys(one.model for one in measured(facts)))
    what = "the sequential run" if names == ["sequential"] else listed(names)
    verb = "was" if len(names) == 1 else "were"
    return f"Only {what} {verb} measured: nothing can be said about scaling."


def plain_stories(facts: Facts) -> list[Story]:
    """Curves over workers, of the variant that the baseline has; an event loop needs a variant of its own."""
    return [
        one
        for one in stories(facts)
        if (one.curve.variant == facts.base_variant or one.curve.model in EVENT_LOOPS)
        and one.curve.model not in (*SINGLE, "cluster")
    ]


def _scaling(facts: Facts, diagnosis: Diagnosis) -> list[str]:
    plain = plain_stories(facts)
    if not plain:
        return []
    if any(one.lead.gain is None for one in plain):
        return without_baseline(plain)
    helping = [one for one in plain if one.helps]
    best = leading(one.lead for one in helping)
    parts = []
    if best:
        first = next(one for one in helping if one.lead is best)
        level = [one.curve.model for one in helping if one is not first and is_tied(one.lead, best)]
        parts.append(told(first, facts, diagnosis, level))
        behind = [one for one in helping if one is not first and one.curve.model not in level]
        parts += [_behind(one) for one in behind]
    idle = [one for one in plain if not one.helps]
    return (
        parts
        + _idle([one for one in idle if one.curve.model in IN_THREADS], diagnosis, Kind.GIL)
        + _idle([one for one in idle if one.curve.model not in IN_THREADS], diagnosis, Kind.IPC)
    )


def without_baseline(plain: list[Story]) -> list[str]:
    rates = [
        f"{one.curve.model} with {one.lead.workers}: {hundredths(one.lead.throughput_per_s.value)} items/s"
        for one in plain
        if one.lead.throughput_per_s
    ]
    return [f"There is no sequential baseline, so no speed-up can be said ({'; '.join(rates)})."]


def _behind(story: Story) -> str:
    """A curve that helps, and less than the first."""
    verb = "reach" if is_plural(story.curve.model) else "reaches"
    at = f"with {story.lead.workers}" if story.lead.workers > 1 else "with 1 worker"
    return f"{story.curve.model} {verb} {times(story.lead.gain.value)} {at}." if story.lead.gain else ""


def _idle(some: list[Story], diagnosis: Diagnosis, reason: Kind) -> list[str]:
    """Curves that do not help, those that harm, and those of which it is not clear."""
    why = f": {_clause(diagnosis, reason)}" if diagnosis.names(reason) else ""
    several = [one for one in some if one.last.workers > 1]
    idle = [one for one in several if one.is_idle and not one.is_slower]
    slower = [one for one in several if one.is_slower]
    parts = []
    for group, verb in ((idle, ("does not help", "do not help")), (slower, ("is slower", "are slower"))):
        if group:
            names = [one.curve.model for one in group]
            reached = listed([times(one.shown.gain.value) for one in group if one.shown.gain])
            than = " than sequential" if group is slower else ""
            parts.append(f"{listed(names)} {verb[is_plural(*names)]}{than} ({reached}){why}.")
            why = ""
    unclear = [one for one in several if not (one.is_idle or one.is_slower)]
    parts += [_unclear(one.curve.model, one.shown.gain) for one in unclear if one.shown.gain]
    alone = [one.curve.model for one in some if one.last.workers == 1]
    if alone:
        parts.append(f"{listed(alone)}: measured with 1 worker only, which tells nothing about more of them.")
    return parts


def _unclear(model: str, reached: Estimate) -> str:
    """What may be a gain, and is not shown to be one."""
    if is_unknown(reached):
        return f"{model} reached {times(reached.value)}, in too few windows to rely on."
    return f"{model} show{'' if is_plural(model) else 's'} no clear gain: {gain(reached)}."


def _clause(diagnosis: Diagnosis, kind: Kind) -> str:
    """The sentence of a cause as a clause, and on how many signals it stands."""
    cause = next(one for one in (diagnosis, *diagnosis.also) if one.kind is kind)
    text = cause.sentence.rstrip(".")
    return f"{text[0].lower()}{text[1:]} ({counted(len(cause.agreeing), 'signal')} agree)"


def _variants(facts: Facts) -> list[str]:
    """Other variants on one core, and spread over workers where that is clearly more."""
    options = [one for one in measured(facts) if one.model not in ("cluster", *EVENT_LOOPS)]
    base = [one for one in options if one.variant == facts.base_variant]
    rival, parts = leading(base), []
    for variant in dict.fromkeys(one.variant for one in options if one.variant != facts.base_variant):
        mine = [one for one in options if one.variant == variant]
        single = leading(one for one in mine if one.model in SINGLE or one.workers == 1)
        if single and rival:
            parts.append(_compared(single, rival, max(base, key=lambda one: one.gain.value if one.gain else 0.0)))
        spread = leading(mine)
        if spread and spread.workers > 1 and (single is None or is_clearly_above(spread, single)):
            reached = f" {gain(spread.gain)}" if spread.gain else " more"
            parts.append(f"{variant} under {spread.model} with {spread.workers} workers reaches{reached}.")
    return parts


def _compared(single: Option, rival: Option, fastest: Option) -> str:
    of_sequential = f": {gain(single.gain)} over sequential" if single.gain and rival.model != "sequential" else ""
    name = f"{single.variant} on one core"
    if is_clearly_above(single, fastest):
        others = "the sequential run" if rival.model == "sequential" else "any of them"
        return f"{name} is {times(ratio(single, fastest) or 1.0)} as fast as {others}{of_sequential}."
    if is_clearly_above(rival, single):
        return f"{name} is slower than {rival.model} with {rival.workers}{of_sequential}."
    other = "the sequential run" if rival.model == "sequential" else f"{rival.model} with {rival.workers}"
    apart = ratio(single, rival)
    if apart and 1 / FAR_APART < apart < FAR_APART:
        return f"{name} and {other} are level{of_sequential}."
    return f"{name} and {other} can't be told apart, as their intervals are too wide{of_sequential}."


def _cluster(facts: Facts) -> list[str]:
    reached = [one for one in stories(facts) if one.curve.model == "cluster" and one.lead.gain]
    return [
        f"cluster reaches {gain(one.lead.gain)} with {counted(one.lead.workers, 'worker')}."
        for one in reached
        if one.lead.gain
    ]


def _cause(facts: Facts, diagnosis: Diagnosis) -> list[str]:
    """What was not said beside a curve already."""
    if diagnosis.kind is Kind.UNDETERMINED:
        return _unknown(facts)
    if diagnosis.kind in QUIET:
        return []
    idle = {one.curve.model in IN_THREADS for one in plain_stories(facts) if one.lead.gain and not one.helps}
    if (diagnosis.kind is Kind.GIL and True in idle) or (diagnosis.kind is Kind.IPC and False in idle):
        return []
    if diagnosis.kind is Kind.MEMORY_BANDWIDTH:
        signals = counted(len(diagnosis.agreeing), "signal")
        verb = "bring little" if any(one.helps for one in plain_stories(facts)) else "will not help"
        return [f"More workers on this node {verb}: they share memory bandwidth or a cache ({signals} agree)."]
    if diagnosis.kind is Kind.REFUSED:
        return [diagnosis.sentence]
    text = _clause(diagnosis, diagnosis.kind)
    return [f"{text[0].upper()}{text[1:]}."]


def _unknown(facts: Facts) -> list[str]:
    if not plain_stories(facts):
        return []
    if facts.observables.activity is None and facts.observables.call_cpu_s is None:
        return ["What limits it was not measured."]
    if cores(facts) == 1:
        return ["Why is undetermined: on 1 usable CPU, workers that compute take turns whatever they do."]
    return ["Why is undetermined: no two signals agree."]
