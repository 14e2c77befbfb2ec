"""Names what holds a workload back, or says that it can't."""

from dataclasses import replace

from dynometer.advice.cause import CAUSES, Cause, Diagnosis, Kind, Seen
from dynometer.advice.causes import computing, law, machine, waiting
from dynometer.advice.facts import Curve, Facts, Observables
from dynometer.advice.options import curve_of_law
from dynometer.advice.sound import sound_facts, sound_observables

__all__ = [
    "computing",
    "diagnose",
    "diagnose_facts",
    "law",
    "machine",
    "waiting",
]  # importing a module registers its rules

EXPLAINS_SERIAL = {Kind.GIL, Kind.GIL_PARTLY, Kind.IPC, Kind.IPC_PARTLY, Kind.IO_SERIAL}  # science R9
NAMING_ORDER = list(Kind)


def diagnose(
    observables: Observables, cpus: float, curve: Curve | None = None, *, is_free_threaded: bool = False
) -> Diagnosis:
    """The cause that two signals agree on, of what `cpus` usable CPUs showed; `curve` brings the fitted law.

    Kind `refused` when the machine was starved, `undetermined` with what is missing when no two signals agree.
    Never raises: a number that says nothing counts as not measured.
    """
    seen = Seen(sound_observables(observables), cpus, curve, is_free_threaded)
    found = [replace(cause, rule=rule.key) for rule in CAUSES.in_order() if (cause := rule.apply(seen)) is not None]
    refusal = next((cause for cause in found if cause.kind is Kind.REFUSED), None)
    if refusal:
        return _diagnosis(refusal, (), ())
    suspected = tuple(cause for cause in found if cause.kind is Kind.UNDETERMINED)
    named = [cause for cause in found if cause.kind is not Kind.UNDETERMINED]
    if EXPLAINS_SERIAL & {cause.kind for cause in named}:
        named = [cause for cause in named if cause.kind is not Kind.SERIAL_PART]
    if any(cause.kind is Kind.IO_SERIAL for cause in named):
        named = [cause for cause in named if cause.kind is not Kind.IO]
    named.sort(key=lambda cause: NAMING_ORDER.index(cause.kind))
    if not named:
        return _undetermined(seen, suspected)
    return _diagnosis(named[0], tuple(named[1:]), suspected)


def diagnose_facts(facts: Facts) -> Diagnosis:
    """`diagnose` of everything that a sweep left."""
    sound = sound_facts(facts)
    return diagnose(sound.observables, sound.cpus_usable, curve_of_law(sound), is_free_threaded=sound.is_free_threaded)


def _diagnosis(main: Cause, also: tuple[Cause, ...], suspected: tuple[Cause, ...]) -> Diagnosis:
    return Diagnosis(
        main.kind, main.sentence, main.agreeing, main.disagreeing, main.would_settle, main.rule, also, suspected
    )


def _undetermined(seen: Seen, suspected: tuple[Cause, ...]) -> Diagnosis:
    """Says what is missing; the suspicions stay with it."""
    missing: tuple[str, ...] = ()
    if seen.activity is None:
        missing += ("Measure one worker: how much of its time it computes is not known.",)
    elif seen.is_computing and seen.cpus < 2:
        missing += ("Measure on at least 2 usable CPUs: on one, two workers can't compute at once whatever they do.",)
    elif seen.is_computing and seen.observables.thread_use_ratio is None:
        missing += ("Measure 1 and 2 threads, and 1 and 2 processes.",)
    missing += tuple(text for cause in suspected for text in cause.would_settle if text not in missing)
    why = suspected[0].sentence if suspected else "no two signals agree on a cause."
    return Diagnosis(
        Kind.UNDETERMINED,
        f"Undetermined: {why[0].lower() + why[1:]}",
        suspected[0].agreeing if suspected else (),
        suspected[0].disagreeing if suspected else (),
        missing or ("Measure 1, 2 and 4 threads and processes, with the probes.",),
        "",
        (),
        suspected,
    )
