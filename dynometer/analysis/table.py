"""Reads a table of N and X: what `fit` takes from other people's measurements."""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from dynometer.errors import InvalidInput

WORKERS = ("n", "workers", "threads", "processes", "concurrency")  # usual names of N, the surest first
THROUGHPUTS = ("x", "throughput", "rate", "tps", "items_per_s")  # and of X
MOST_BYTES = 20_000_000
Numbered = tuple[int, list[str]]  # line, cells


def read_table(path: Path) -> dict[float, list[float]]:
    """The curve in a CSV file; see `parse_table`."""
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB: no table of worker counts is.")
    try:
        return parse_table(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 text.", hint="Export the table as CSV in UTF-8.") from error


def parse_table(text: str) -> dict[float, list[float]]:
    """N -> throughputs in the order of the lines: equal N are replicates.  N need not be whole.

    Columns are N and X by their header (or a usual name of either, in any case and order), others are ignored; of two
    columns one may have any name, and they may have no header at all.  Cells are separated by comma,
    semicolon, tab or spaces; empty lines and lines with # are skipped.
    Raises InvalidInput that names the line, and for fewer than two different N.
    """
    rows = list(_rows(text))
    if not rows:
        raise InvalidInput("The table is empty.", hint="Give lines such as 4,370.2 under the header N,X.")
    n, x, has_header = _columns(rows[0])
    curve: dict[float, list[float]] = {}
    for line, cells in rows[1:] if has_header else rows:
        workers = _number(line, cells, n, "N", "Give the number of workers.")
        throughput = _number(line, cells, x, "X", "A run that delivered nothing is a failed run: leave the line out.")
        curve.setdefault(workers, []).append(throughput)
    if not curve:
        raise InvalidInput("The table has a header and nothing below it.", hint="Give one line per measurement: N,X.")
    if len(curve) == 1:
        raise InvalidInput(f"The table has one worker count only (N = {next(iter(curve)):g}): that is no curve.",
                           hint="Measure at least three worker counts, better six.")
    return curve


def _rows(text: str) -> Iterator[Numbered]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)
             if line.strip() and not line.lstrip().startswith("#")]
    first = lines[0][1] if lines else ""
    separator = next((mark for mark in "\t;," if mark in first), None)
    for number, line in lines:
        try:
            cells = next(csv.reader([line], delimiter=separator)) if separator else line.split()
        except csv.Error as error:
            raise InvalidInput(f"Line {number} can't be read as CSV: {error}.") from error
        if any(cell.strip() for cell in cells):
            yield number, [cell.strip() for cell in cells]


def _columns(first: Numbered) -> tuple[int, int, bool]:
    """The places of N and X, and whether the first row is a header."""
    line, cells = first
    names = [cell.strip("\"' ").casefold() for cell in cells]
    n, x = _place_of(WORKERS, names), _place_of(THROUGHPUTS, names)
    n, x = (None, None) if n == x else (n, x)
    if n is not None and x is not None:
        return n, x, True
    if len(cells) < 2:
        raise InvalidInput(f"Line {line} has one column: a table needs N and X.",
                           hint="Separate them by a comma: 4,370.2")
    if any(_is_numeric(cell) for cell in cells):
        return 0, 1, False
    if len(cells) == 2 and (n is not None or x is not None):
        place = n if n is not None else 1 - (x or 0)
        return place, 1 - place, True
    raise InvalidInput(f"Line {line} names the columns {', '.join(cells)}: which are N and X can't be told.",
                       hint=f"Call the column of worker counts {', '.join(WORKERS).replace('n', 'N', 1)}, and that of "
                            f"throughputs {', '.join(THROUGHPUTS).replace('x', 'X', 1)}.")


def _place_of(known: Sequence[str], names: Sequence[str]) -> int | None:
    """The column with one of these names; else the one that has such a word in its name, as txn_rate has."""
    whole = [names.index(one) for one in known if one in names]
    part = [place for one in known for place, name in enumerate(names) if one in name.replace("_", " ").split()]
    return next(iter([*whole, *part]), None)


def _is_numeric(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(line: int, cells: Sequence[str], place: int, name: str, hint: str) -> float:
    cell = cells[place] if place < len(cells) else ""
    if not cell:
        raise InvalidInput(f"Line {line} has no {name}.", hint="Give both N and X, or leave the line out.")
    if not _is_numeric(cell):
        raise InvalidInput(f"Line {line}: {name} is {cell[:40]!r}, which is no number.",
                           hint="Write numbers with a decimal point and without units or thousands separators.")
    value = float(cell)
    if not math.isfinite(value) or value <= 0:
        raise InvalidInput(f"Line {line}: {name} is {cell[:40]}; it must be a finite number above 0.", hint=hint)
    return value
