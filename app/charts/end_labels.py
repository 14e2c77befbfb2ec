"""Names at the ends of lines: one below the other at the right edge, as near to their lines as they fit."""

from collections.abc import Sequence

from app.charts.span import Span
from app.charts.theme import Spec, Theme

APART_PX = 17
LETTER_PX = 6.6  # of a mean letter at 12 pixels
SIGN_PX = 34  # leader and mark before the name
WIDEST_PX = 190
LEAST_WIDTH_PX = 520  # of the plot; a narrower one has a legend instead
IS_BROAD = f"width >= {LEAST_WIDTH_PX}"


def room_px(names: Sequence[str]) -> float:
    """What the names need beside the plot."""
    return min(WIDEST_PX, SIGN_PX + LETTER_PX * max(map(len, names), default=0)) if names else 0.0


def spread(wanted: Sequence[float], height: int) -> list[float]:
    """Places at least a line apart, each near the one `wanted` [px]; in the same order."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    groups: list[tuple[list[int], float]] = []  # lines that touch, and the middle of the group
    for index in order:
        mine, middle = [index], wanted[index]
        while groups and middle - _half(mine) < groups[-1][1] + _half(groups[-1][0]) + APART_PX:
            mine = groups.pop()[0] + mine
            middle = sum(wanted[each] for each in mine) / len(mine)
            middle = min(max(middle, _half(mine)), height - _half(mine))
        groups.append((mine, middle))
    places = {index: middle - _half(mine) + APART_PX * rank
              for mine, middle in groups for rank, index in enumerate(mine)}  # fmt: skip
    return [places[index] for index in range(len(wanted))]


def end_rows(points: Sequence[Sequence[Spec]], names: Sequence[str], span: Span, height: int) -> list[Spec]:
    """One for each curve: where its line ends, and where its name stands."""
    last = [max(rows, key=lambda row: row["workers"]) for rows in points]
    ends = [span.pixel(row["value"], height) for row in last]
    return [{"curve": row["curve"], "workers": row["workers"], "end_px": end, "name_px": place, "name": name}
            for row, end, place, name in zip(last, ends, spread(ends, height), names, strict=True)]  # fmt: skip


def end_layers(rows: Sequence[Spec], theme: Theme, colour: Spec, shape: Spec) -> list[Spec]:
    """Leader, mark and name; nothing where the plot is narrow, nor beyond it: unseen marks take room too."""
    edge, is_seen = "range('x')[1]", {"condition": {"test": IS_BROAD, "value": 1}, "value": 0}
    beside = {px: {"value": {"expr": f"{edge} + ({IS_BROAD} ? {px} : 0)"}} for px in (12, 19, 28)}
    data = {"name": "ends", "values": list(rows)}
    at_name = {"y": {"value": {"expr": "datum.name_px"}}}
    leader = {"x": {"field": "workers", "type": "quantitative"}, "x2": beside[12],
              "y": {"value": {"expr": "datum.end_px"}}, "y2": {"value": {"expr": "datum.name_px"}}}  # fmt: skip
    faint = {"condition": {"test": IS_BROAD, "value": 0.6}, "value": 0}
    return [
        {"data": data, "mark": {"type": "rule", "aria": False, "strokeWidth": 1, "strokeDash": [1, 3]},
         "encoding": leader | {"color": colour, "opacity": faint}},
        {"data": data, "mark": {"type": "point", "aria": False, "filled": True, "size": 44, "opacity": 1},
         "encoding": {"x": beside[19], **at_name, "color": colour,
                      "shape": shape, "opacity": is_seen}},
        {"data": data, "mark": {"type": "text", "aria": False, "align": "left", "baseline": "middle", "fontSize": 12,
                                "color": theme.ground.ink, "limit": WIDEST_PX - SIGN_PX + 8},
         "encoding": {"x": beside[28], **at_name,
                      "text": {"value": {"expr": f"{IS_BROAD} ? datum.name : ''"}}}},
    ]  # fmt: skip


def _half(lines: Sequence[int]) -> float:
    return APART_PX * (len(lines) - 1) / 2
