"""Checks of what a user sends as an item: a line of text from a file, or a JSON scalar."""

import math

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import is_storable
from dynometer.workloads.workload import Json


def whole_number(given: Json, low: int, high: int, sentence: str) -> int:
    """`given` as an integer from `low` to `high`.  Raises InvalidInput with `sentence`."""
    number = given
    if isinstance(given, str):
        digits = given.strip()
        if len(digits) > 40 or not (digits.isascii() and digits.isdigit()):  # the length first: int() of a book is slow
            raise InvalidInput(sentence)
        number = int(digits)
    elif isinstance(given, float) and given.is_integer() and abs(given) <= 2**53:  # above, JSON has lost digits
        number = int(given)
    if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
        raise InvalidInput(sentence)
    return number


def real_number(given: Json, low: float, high: float, sentence: str) -> float:
    """`given` as a float from `low` to `high`.  Raises InvalidInput with `sentence`."""
    number = given
    if isinstance(given, str):
        try:
            number = float(given) if len(given) <= 40 and given.isascii() else math.nan
        except ValueError:
            number = math.nan
    if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
        raise InvalidInput(sentence)  # NaN is not between any bounds
    return float(number) + 0.0  # -0.0 becomes 0.0


def text(given: Json, most_bytes: int) -> str:
    """`given` as text of at most `most_bytes` bytes of UTF-8.  Raises InvalidInput that says what is wrong."""
    if not isinstance(given, str):
        raise InvalidInput("must be text")
    if not is_storable(given):
        raise InvalidInput("must not hold NUL or half of a surrogate pair")
    if len(given.encode()) > most_bytes:
        raise InvalidInput(f"must be at most {most_bytes:,} bytes of text")
    return given
