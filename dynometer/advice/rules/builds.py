"""Rows 17 and 18: what newer interpreters offer."""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores, expect
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity
from dynometer.advice.messages import ipc_share
from dynometer.advice.options import THREADS, first_usable, is_usable
from dynometer.advice.rules.processes import is_new
from dynometer.advice.thresholds import FREE_PENALTY, FREE_SHARE, INTERPRETERS_SHARE, IPC_SMALL
from dynometer.estimate import Estimate
from dynometer.wording import gain


@RULES(17)
def sub_interpreters(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Pure Python on a build with the lock, small arguments, CPython 3.14: an interpreter per core in one process."""
    share = ipc_share(facts.observables) or 0.0
    if facts.is_free_threaded or not diagnosis.names(Kind.GIL) or share >= IPC_SMALL or not is_new(facts.python):
        return None
    if not is_usable(facts, "interpreters", facts.base_variant) or cores(facts) < 2:
        return None
    expected = expect(facts, "interpreters", facts.base_variant, cores(facts), cores(facts) * INTERPRETERS_SHARE)
    source = GainSource.PUBLISHED if expected.source is GainSource.PREDICTED else expected.source
    return Finding(
        Severity.ADVICE,
        f"Python {facts.python} has an interpreter pool, and the lock holds this code back.",
        f"Use {expected.workers} sub-interpreters.",
        "A module that does not support several interpreters, as many compiled"
        " ones; large arguments, which are pickled.",
        gain=expected.gain,
        gain_source=source,
        model="interpreters",
        variant=facts.base_variant,
        workers=expected.workers,
    )


@RULES(18)
def free_threads(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """A build without the lock, and extensions that bear it: threads compute at once, each a little slower."""
    model = first_usable(facts, THREADS, facts.base_variant)
    computes = diagnosis.names(Kind.GIL_RELEASED, Kind.UNDETERMINED) and not diagnosis.names(Kind.IO, Kind.MIXED)
    if not facts.is_free_threaded or facts.unsafe_extensions or model is None or not computes or cores(facts) < 2:
        return None
    expected = expect(facts, model, facts.base_variant, cores(facts), cores(facts) * FREE_SHARE * FREE_PENALTY[1])
    least, most = FREE_PENALTY
    is_measured = expected.source is GainSource.MEASURED
    own = expected.gain
    standard = Estimate(own.value / most, own.low / most, own.high / least)
    return Finding(
        Severity.ADVICE,
        "This Python runs without the interpreter's lock, and no extension is known to need it.",
        f"Use {expected.workers} threads.",
        "An extension that switches the lock on again; objects that all threads write.",
        gain=own,
        gain_source=GainSource.MEASURED if is_measured else GainSource.PUBLISHED,
        model=model,
        variant=facts.base_variant,
        workers=expected.workers,
        expects=f"{gain(own)} over this build's sequential run, {gain(standard)} over the standard build's: one thread"
        f" is {(least - 1) * 100:.0f} to {(most - 1) * 100:.0f} % slower without the lock",
    )
