"""Points that would cover one another step aside, a few pixels each."""

from collections.abc import Iterator, Sequence

from app.charts.span import Span
from app.charts.theme import Spec

STEP_PX = 8.0
MARK_PX = 7.0  # from the middle of a mark to where it no longer touches


def set_beside(points: Sequence[Sequence[Spec]], span: Span, height: int) -> None:
    """Give every row its `beside_px`: 0, or a step for each of those whose marks or whiskers meet."""
    by_workers: dict[int, list[Spec]] = {}
    for rows in points:
        for row in rows:
            by_workers.setdefault(row["workers"], []).append(row)
    for rows in by_workers.values():
        for group in touching(rows, span, height):
            for rank, row in enumerate(group):
                row["beside_px"] = (rank - (len(group) - 1) / 2) * STEP_PX


def touching(rows: Sequence[Spec], span: Span, height: int) -> Iterator[list[Spec]]:
    """Groups in the order of the curves."""
    extents = sorted((*extent(row, span, height), place) for place, row in enumerate(rows))
    group, lowest = [extents[0][2]], extents[0][1]
    for top, bottom, place in extents[1:]:
        if top > lowest:
            yield [rows[each] for each in sorted(group)]
            group = []
        group.append(place)
        lowest = max(lowest, bottom)
    yield [rows[each] for each in sorted(group)]


def extent(row: Spec, span: Span, height: int) -> tuple[float, float]:
    """From the top [px], whiskers included."""
    bounds = [span.pixel(row[name], height) for name in ("low", "high") if row[name] is not None]
    middle = span.pixel(row["value"], height)
    return min([middle - MARK_PX, *bounds]), max([middle + MARK_PX, *bounds])
