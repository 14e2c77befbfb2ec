"""What can go wrong while calls run, as sentences; and the form in which a worker tells of it."""

from dataclasses import dataclass

from dynometer.errors import DynometerError, ItemFailed

LONGEST_WORDS = 300  # characters of a stranger's error that ours repeats


class CallFailed(DynometerError):
    """A call raised."""

    def __init__(self, message: str, item: int) -> None:
        super().__init__(message, hint="Mend the function, or leave that item out.")
        self.item = item  # its place among the items given


class NotPrepared(DynometerError):
    """A worker could not prepare its work."""


class NotPortable(DynometerError):
    """A value can't travel from a worker to the caller."""

    places: tuple[int, int] | None = None  # of the items it is of: the first, counted from 0, and how many


class WorkersLost(DynometerError):
    """A worker died."""

    places: tuple[int, int] | None = None  # of the items that it held, where that is known


class Unavailable(DynometerError):
    """This model can't be had here."""


@dataclass(frozen=True)
class Fault:
    """An error that can be pickled whatever was raised: an exception itself may hold anything."""

    sentence: str
    item: int | None = None  # whose call raised; None: it was not a call
    places: tuple[int, int] | None = None  # set: there were values of these, but they could not be pickled

    def error(self) -> DynometerError:
        if self.places:
            error = NotPortable(self.sentence, hint="Return what JSON can say: numbers, text, lists, objects.")
            error.places = self.places
            return error
        return NotPrepared(self.sentence) if self.item is None else CallFailed(self.sentence, self.item)


def fault_of_call(item: int, error: BaseException) -> Fault:
    """What became of the call of `item`, counted from 0."""
    if isinstance(error, ItemFailed):
        return Fault(f"Item {item} failed: {words_of(error)}.", item)
    return Fault(f"Item {item} raised {named(error)}.", item)


def fault_of_preparation(error: BaseException) -> Fault:
    if isinstance(error, DynometerError):
        return Fault(str(error))
    return Fault(f"The work can't be prepared: {named(error)}.")


def fault_of_travel(first: int, count: int, reason: object) -> Fault:
    """The value of an item from `first` on, out of `count`, could not be pickled."""
    words = words_of(reason) if isinstance(reason, BaseException) else _cut(str(reason))
    return Fault(f"The value of {of_items(first, count)} can't travel between processes: {words}.",
                 places=(first, count))


def of_items(first: int, count: int) -> str:
    """One of `count` items from place `first` on; who knows the job puts its own numbers there."""
    return f"item {first}" if count == 1 else f"one of items {first} to {first + count - 1}"


def named(error: BaseException) -> str:
    """The error's type and words, in one line without a full stop."""
    words = words_of(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def words_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a stranger's __str__ may do anything
        text = ""
    return _cut(text)


def _cut(text: str) -> str:
    return " ".join(text[:LONGEST_WORDS].split()).rstrip(".")
