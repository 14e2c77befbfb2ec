"""The first words of a report, for who has never read one: what scales to what, what does not and why, what is next.

One sentence, and a second for the runner-up; a third only where the numbers must not be relied on.  `details` has
intervals, signals and everything else.
"""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.details import (
    IN_THREADS,
    alone,
    nothing,
    plain_stories,
    without_baseline,
)
from dynometer.advice.facts import Facts
from dynometer.advice.options import EVENT_LOOPS, SINGLE, Option, is_clearly_above, is_tied, leading, measured, ratio
from dynometer.advice.reservations import superlinear, weak
from dynometer.advice.sound import sound_facts
from dynometer.advice.story import Story, is_plural, reach
from dynometer.wording import is_unknown, listed, times

LOCK = "the interpreter's lock (GIL) lets one thread compute at a time"
MEMORY = "workers share the memory's bandwidth"
WHY_NOT = {  # of those that do not help: which models, by the kind of cause
    Kind.GIL: (True, LOCK),
    Kind.IPC: (False, "messages between processes cost more than the work itself"),
    Kind.MEMORY_BANDWIDTH: (None, MEMORY),
    Kind.SHARED_CORE: (None, "workers share a core or its clock"),
    Kind.SHARED_OBJECTS: (True, "threads pay for objects that they share"),
    Kind.IO_SERIAL: (None, "calls queue for a lock or a limit"),
    Kind.QUOTA: (None, "a CPU quota stops the workers"),
    Kind.OVERSUBSCRIBED_LIBRARY: (None, "a library's own threads already fill the CPUs"),
}
WHY_SO = {  # of those that do, where nothing fails
    Kind.IO: "calls wait rather than compute",
    Kind.MIXED: "calls wait for a part of their time",
    Kind.IO_SERIAL: "calls wait, in part for one another",
    Kind.GIL_RELEASED: "the code releases the interpreter's lock (GIL)",
    Kind.MEMORY_BANDWIDTH: MEMORY,
}


def verdict(facts: Facts, diagnosis: Diagnosis) -> str:
    """A sentence or two.  Names no winner by less than 5 % or where intervals overlap.  Never raises."""
    facts = sound_facts(facts)
    if not measured(facts):
        return nothing(facts)
    plain = plain_stories(facts)
    if any(one.lead.gain is None for one in plain):
        return " ".join(without_baseline(plain))
    best = leading(one.lead for one in plain if one.helps)
    parts = [_first(plain, best, facts, diagnosis), *_next(plain, best, facts)]
    said = [part for part in parts if part] or [alone(facts)]
    refusal = [diagnosis.sentence] if diagnosis.kind is Kind.REFUSED else []
    return " ".join([*said, *refusal, *superlinear(facts), *weak(facts)])


def _first(plain: list[Story], best: Option | None, facts: Facts, diagnosis: Diagnosis) -> str:
    """What scales to what; what does not, and why."""
    failing = [one for one in plain if not one.helps and one.last.workers > 1]
    clauses = []
    if best:
        first = next(one for one in plain if one.lead is best)
        level = [one.curve.model for one in plain if one.helps and one is not first and is_tied(one.lead, best)]
        why = "" if failing else WHY_SO.get(diagnosis.kind, "")
        clauses.append(reach(first, facts, diagnosis, level) + (f", as {why}" if why else ""))
    for in_threads in (True, False):
        group = [one for one in failing if (one.curve.model in IN_THREADS) is in_threads]
        why = next((why for kind, (whose, why) in WHY_NOT.items()
                    if whose in (None, in_threads) and diagnosis.names(kind)), "")
        is_new = _is_told(group) and bool(why) and not any(why in clause for clause in clauses)
        clauses += [clause + (f", as {why}" if is_new and place == 0 else "")
                    for place, clause in enumerate(_failing(group))]
    return f"{'; '.join(clauses)}." if clauses else ""


def _is_told(some: list[Story]) -> bool:
    """Whether at least one is known well enough to look for its cause."""
    return any(one.is_idle or one.is_slower or not (one.shown.gain and is_unknown(one.shown.gain)) for one in some)


def _failing(some: list[Story]) -> list[str]:
    """A clause on those that do not help, on those that harm, and on each of which it is not clear."""
    parts = []
    for group, verb, than in (
        ([one for one in some if one.is_idle and not one.is_slower], ("does not help", "do not help"), ""),
        ([one for one in some if one.is_slower], ("is slower", "are slower"), " than one call after the other"),
    ):
        if group:
            names = [one.curve.model for one in group]
            reached = listed(list(dict.fromkeys(times(one.shown.gain.value) for one in group if one.shown.gain)))
            parts.append(f"{listed(names)} {verb[is_plural(*names)]}{than} ({reached})")
    for one in some:
        if one.is_idle or one.is_slower or not one.shown.gain:
            continue
        doubt = "in too few windows to tell" if is_unknown(one.shown.gain) else "which is no clear gain"
        parts.append(f"{one.curve.model} reached {times(one.shown.gain.value)}, {doubt}")
    return parts


def _next(plain: list[Story], best: Option | None, facts: Facts) -> list[str]:
    """The runner-up: another variant that is as fast or faster, else the best of the models left behind."""
    options = [one for one in measured(facts) if one.model not in ("cluster", *EVENT_LOOPS)]
    base = [one for one in options if one.variant == facts.base_variant]
    rival, fastest = leading(base), max(base, key=lambda one: one.gain.value if one.gain else 0.0, default=None)
    for variant in dict.fromkeys(one.variant for one in options if one.variant != facts.base_variant):
        mine = [one for one in options if one.variant == variant]
        single = leading(one for one in mine if one.model in SINGLE or one.workers == 1)
        if single and rival and fastest and is_clearly_above(single, fastest):
            others = "one call after the other" if rival.model == "sequential" else "any of them"
            return [f"{variant} on one core is {times(ratio(single, fastest) or 1.0)} as fast as {others}."]
    behind = [one for one in plain if one.helps and best and is_clearly_above(best, one.lead)]
    second = leading(one.lead for one in behind)
    if second is None or second.gain is None:
        return []
    return [f"Next is {second.model} ({times(second.gain.value)})."]
