"""What a diagnosis is made of: signals with their thresholds, and the causes that two of them agree on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from dynometer.advice.facts import Curve, Observables
from dynometer.advice.register import Register
from dynometer.advice.thresholds import COMPUTING_LEAST, WAITING_MOST
from dynometer.wording import quantity

AGREEING_LEAST = 2  # science D.3: one signal alone misled under load


class Kind(StrEnum):
    """What holds a workload back; the order is that of naming when several are found."""

    REFUSED = "refused"  # the machine was too busy to tell
    QUOTA = "quota"
    OVERSUBSCRIBED_LIBRARY = "oversubscribed-library"
    IPC = "ipc"
    GIL = "gil"
    MEMORY_BANDWIDTH = "memory-bandwidth"
    SHARED_CORE = "shared-core"  # SMT or clock: the data fit into the core's own cache
    SHARED_OBJECTS = "shared-objects"  # free threading: counters of objects that threads share
    GIL_PARTLY = "gil-partly"
    IO_SERIAL = "io-serial"
    MIXED = "mixed"
    IO = "io"
    KERNEL = "kernel"
    IPC_PARTLY = "ipc-partly"
    COHERENCE = "coherence"
    QUEUEING = "queueing"
    SERIAL_PART = "serial-part"  # and its cause is unknown
    LIBRARY_THREADS = "library-threads"  # there are some, and cores enough
    GIL_RELEASED = "gil-released"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Signal:
    """An observed number and the side of a threshold on which it speaks for a cause."""

    name: str
    value: float
    threshold: float
    is_least: bool = True  # speaks for it from the threshold upwards; else up to it
    unit: str = "x"  # x, s, % or nothing

    @property
    def agrees(self) -> bool:
        return self.value >= self.threshold if self.is_least else self.value <= self.threshold

    def __str__(self) -> str:
        side = ("" if self.agrees else "not ") + ("at least" if self.is_least else "at most")
        return f"{self.name}: {quantity(self.value, self.unit)} ({side} {quantity(self.threshold, self.unit)})"


@dataclass(frozen=True)
class Cause:
    """What one rule found.  Kind `undetermined`: suspected, and two signals do not agree on it."""

    kind: Kind
    sentence: str
    agreeing: tuple[Signal, ...] = ()
    disagreeing: tuple[Signal, ...] = ()
    would_settle: tuple[str, ...] = ()  # sentences: what to measure next
    rule: str = ""  # key of the rule


@dataclass(frozen=True)
class Diagnosis(Cause):
    """The main cause, the others that two signals agree on, and those that were only suspected."""

    also: tuple[Cause, ...] = ()
    suspected: tuple[Cause, ...] = ()

    def names(self, *kinds: Kind) -> bool:
        """Whether one of `kinds` is the main cause or a further one."""
        return self.kind in kinds or any(cause.kind in kinds for cause in self.also)


@dataclass(frozen=True)
class Seen:
    """What the rules of diagnosis look at."""

    observables: Observables
    cpus: float
    curve: Curve | None = None  # the one whose law is judged
    is_free_threaded: bool = False

    @property
    def activity(self) -> float | None:
        """A1, or the CPU share of a sequential call where no window of one worker was measured."""
        seen = self.observables
        if seen.activity is None and seen.call_s and seen.call_cpu_s is not None:
            return seen.call_cpu_s / seen.call_s
        return seen.activity

    @property
    def is_waiting(self) -> bool:
        return self.activity is not None and self.activity < WAITING_MOST

    @property
    def is_computing(self) -> bool:
        return self.activity is not None and self.activity > COMPUTING_LEAST


CAUSES: Register[Callable[[Seen], Cause | None]] = Register()


def signal(name: str, value: float | None, threshold: float, *, most: bool = False, unit: str = "x") -> list[Signal]:
    """The signal, or none where it was not measured."""
    return [] if value is None else [Signal(name, value, threshold, not most, unit)]


def judged(
    kind: Kind,
    suspicion: str,
    sentence: str,
    signals: Iterable[Signal],
    *,
    would_settle: tuple[str, ...] = (),
    is_confirmed: bool = True,
) -> Cause:
    """`kind` when two signals agree and nothing essential lacks, else undetermined with what speaks for it."""
    found = tuple(signals)
    agreeing = tuple(one for one in found if one.agrees)
    disagreeing = tuple(one for one in found if not one.agrees)
    if len(agreeing) >= AGREEING_LEAST and is_confirmed:
        return Cause(kind, sentence, agreeing, disagreeing, would_settle)
    said = f"only this says so: {'; '.join(map(str, agreeing))}" if agreeing else "no signal says so clearly"
    against = f"; against it: {'; '.join(map(str, disagreeing))}" if disagreeing else ""
    return Cause(
        Kind.UNDETERMINED, f"{suspicion} is suspected, and {said}{against}.", agreeing, disagreeing, would_settle
    )
