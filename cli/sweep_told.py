"""Sweeps in words, for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from cli.sweep_progress import far
from dynometer.estimate import Estimate
from dynometer.wording import counted, interval, times


def described(sweep: dict[str, Any]) -> str:
    """A sweep in some lines."""
    lines = [f"Sweep {sweep['id']} ({sweep['workload']}): {sweep['name']}", f"{sweep['state']}: {how_far(sweep)}"]
    lines += [text for text in (sweep["ending"], sweep["verdict"]) if text]
    return "\n".join([*lines, *map(str, sweep["remarks"])])


def how_far(sweep: dict[str, Any]) -> str:
    at = sweep["progress"]
    if sweep["state"] in ("queued", "running"):
        return far(sweep)
    return f"{counted(at['windows'], 'window')} of {counted(at['points_total'], 'point')} in {at['spent_s']:.1f} s"


def table(sweeps: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line per sweep, under a heading."""
    if not sweeps:
        yield "No sweeps to show.  `./dyno sweep run random-sum` measures the tutorial case."
        return
    rows = [("Sweep", "State", "Workload", "Windows", "Best", "Started", "Name"), *map(row, sweeps)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def row(sweep: dict[str, Any]) -> tuple[str, ...]:
    begun = sweep["created_at"][:19].replace("T", " ") + " UTC"
    return (
        str(sweep["id"]), sweep["state"], sweep["workload"], f"{sweep['windows']:,}", best(sweep["best"]), begun,
        sweep["name"],
    )  # fmt: skip


def best(found: dict[str, Any] | None) -> str:
    """1.97x (1.93 to 2.01) pool with 2"""
    if found is None or found["speedup"]["value"] is None:
        return "-"
    gain = found["speedup"]
    known = gain["low"] is not None and gain["high"] is not None
    within = f" ({interval(Estimate(gain['value'], gain['low'], gain['high']))})" if known else ""
    return f"{times(gain['value'])}{within} {found['model']} with {found['workers']}"
