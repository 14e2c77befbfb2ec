"""Which of a job's items a sentence speaks of: crews count their items from the first they are given."""

import reprlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dynometer.errors import DynometerError
from dynometer.execution.faults import CallFailed, of_items
from dynometer.workloads.workload import Json

LONGEST_ITEM = 60  # characters of an item that a sentence shows
MOST_NAMED = 5  # numbers of the items of a chunk, one of which it was


def item_name(number: int, item: Json) -> str:
    """item 40 ('text'); a whole number that is its own number, once."""
    return f"item {number}" if item == number and type(item) is int else f"item {number} ({_shown(item)})"


def _shown(item: Json) -> str:
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = brief.maxlong = LONGEST_ITEM
    text = " ".join(brief.repr(item).split())
    return text if len(text) <= LONGEST_ITEM else f"{text[:LONGEST_ITEM - 3]}..."


class Names:
    """The job's own numbers of items that a crew is given, in the same order, again and again."""

    def __init__(self, numbers: Sequence[int], items: Sequence[Json]) -> None:
        self._numbers, self._items = numbers, items

    def of(self, place: int) -> str:
        return item_name(self._numbers[place % len(self._numbers)], self._items[place % len(self._items)])

    def of_several(self, first: int, count: int) -> str:
        """Of a chunk, one of whose items it was."""
        if count == 1:
            return self.of(first)
        named = [str(self._numbers[place % len(self._numbers)]) for place in range(first, first + count)]
        return f"one of items {', '.join(named[:MOST_NAMED])}{', ...' if count > MOST_NAMED else ''}"

    def sentence(self, error: DynometerError, first: int = 0) -> str:
        """`error` with the job's numbers; `first` is the place of the first item that the crew was given."""
        text = str(error)
        if isinstance(error, CallFailed):
            name = self.of(first + error.item)
            return text.replace(f"Item {error.item} ", f"{name[0].upper()}{name[1:]} ", 1)
        if places := getattr(error, "places", None):
            return text.replace(of_items(*places), self.of_several(first + places[0], places[1]), 1)
        return text

    @contextmanager
    def given(self, first: int = 0) -> Iterator[None]:
        """Around a run of a crew: what it raises speaks of the job's items."""
        try:
            yield
        except DynometerError as error:
            error.args = (self.sentence(error, first), *error.args[1:])
            raise
