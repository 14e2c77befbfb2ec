"""Places in sorted lists, as their URLs hold them."""

from dataclasses import dataclass

LONGEST_CURSOR = 48


@dataclass(frozen=True)
class Cursor:
    """A place in a list: a row's id, and what it is sorted by."""

    key: float  # whole where what it is sorted by is: an index must be able to find it
    row_id: int

    def __str__(self) -> str:
        return f"{self.key!r}~{self.row_id}"


def read_cursor(text: str) -> Cursor | None:
    """What `str` of a cursor gave; None for anything else."""
    key, _, row_id = text.partition("~")
    if len(text) > LONGEST_CURSOR:  # a whole number may be of more digits than a float can be
        return None
    try:
        found = Cursor(int(key) if key.isdecimal() else float(key), int(row_id))
    except ValueError:
        return None
    fits = all(abs(number) < 2**63 for number in (found.key, found.row_id))  # neither NaN nor infinity does
    return found if fits else None
