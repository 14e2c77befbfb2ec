"""Rows 7 to 9: computing that the interpreter's lock keeps on one core."""

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores, expect
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, Severity
from dynometer.advice.messages import chunk_of, ipc_share
from dynometer.advice.options import PROCESSES, first_usable, is_usable
from dynometer.advice.thresholds import IPC_BOUND, IPC_SMALL
from dynometer.wording import listed


@RULES(7)
def worker_processes(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The lock allows one computing thread, and messages are cheap: one process per core."""
    known = ipc_share(facts.observables)
    share = known or 0.0
    model = first_usable(facts, PROCESSES, facts.base_variant)
    if not diagnosis.names(Kind.GIL) or diagnosis.names(Kind.IPC) or share >= IPC_SMALL or model is None:
        return None
    if cores(facts) < 2:
        return None
    expected = expect(facts, model, facts.base_variant, cores(facts), cores(facts) / (1 + share))
    size = chunk_of(facts.observables.call_s) if facts.observables.call_s else 1
    chunks = f" in chunks of {size} items" if size > 1 else ""
    enough = ": one per usable CPU is enough" if expected.workers == cores(facts) else ""
    cost = "were not measured" if known is None else f"cost {share * 100:.1f} % of the computing"
    return Finding(
        Severity.ADVICE,
        f"{diagnosis_numbers(diagnosis, Kind.GIL)}; messages {cost}.",
        f"Use {expected.workers} processes ({model}){chunks}{enough}.",
        "Items or values so large that messages cost 10 % and more; a variant that computes outside the interpreter.",
        gain=expected.gain,
        gain_source=expected.source,
        model=model,
        variant=facts.base_variant,
        workers=expected.workers,
    )


@RULES(8)
def fewer_bytes(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """The lock allows one computing thread, and messages cost 10 to 100 % of the computing: send less first."""
    share = ipc_share(facts.observables)
    if (
        not diagnosis.names(Kind.GIL)
        or diagnosis.names(Kind.IPC)
        or share is None
        or not IPC_SMALL <= share < IPC_BOUND
    ):
        return None
    model = first_usable(facts, PROCESSES, facts.base_variant)
    remedy = _lighter(facts)
    if model is None or cores(facts) < 2:
        return Finding(
            Severity.ADVICE,
            f"Messages cost {share * 100:.0f} % of the computing.",
            remedy,
            "Messages below 10 % of the computing.",
        )
    expected = expect(facts, model, facts.base_variant, cores(facts), cores(facts) / (1 + share))
    return Finding(
        Severity.ADVICE,
        f"{diagnosis_numbers(diagnosis, Kind.GIL)}; messages cost {share * 100:.0f} % of the computing.",
        f"{remedy} Until then {model} with {expected.workers} pays for the messages as they are.",
        "Messages below 10 % of the computing: then processes without more ado; above 100 %: then none.",
        gain=expected.gain,
        gain_source=expected.source,
        model=model,
        variant=facts.base_variant,
        workers=expected.workers,
    )


@RULES(9)
def another_cut(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """Messages cost more than the computing: this cut of the work is not worth spreading over processes."""
    share = ipc_share(facts.observables)
    is_bound = diagnosis.names(Kind.IPC) or (share is not None and share >= IPC_BOUND and diagnosis.names(Kind.GIL))
    if (
        not is_bound
        or diagnosis.names(Kind.GIL_RELEASED, Kind.IO, Kind.MIXED, Kind.IO_SERIAL)
        or facts.is_free_threaded
    ):
        return None
    cost = (
        f"Messages cost {share * 100:.0f} % of the computing"
        if share is not None and share >= IPC_BOUND
        else "The parent process is busy with messages alone"
    )
    return Finding(
        Severity.ADVICE,
        f"{cost}.",
        "Do not spread this cut over processes; move the loop into the worker, so that one"
        " message starts much computing.",
        "Items that compute longer than their messages take.",
        model="sequential",
        variant=facts.base_variant,
        workers=1,
    )


def _lighter(facts: Facts) -> str:
    others = ["sub-interpreters"] if is_usable(facts, "interpreters") and is_new(facts.python) else []
    where = listed([*others, "a free-threaded build"])
    return f"Send less: bigger chunks, shared memory, keys in place of data. Where that can't be done, try {where}."


def diagnosis_numbers(diagnosis: Diagnosis, kind: Kind) -> str:
    """The agreeing signals of one of the causes, as a sentence without its full stop."""
    cause = next((one for one in (diagnosis, *diagnosis.also) if one.kind is kind), diagnosis)
    text = "; ".join(map(str, cause.agreeing)) or cause.sentence.rstrip(".")
    return text[0].upper() + text[1:]


def is_new(python: str) -> bool:
    """Whether this version has concurrent.futures.InterpreterPoolExecutor."""
    parts = python.split(".")[:2]
    return len(parts) == 2 and all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= (3, 14)
