"""The benchmark's table, and the same as one JSON object."""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.figures import MET, NOT_MET, Figure, Goal, Row, Section

BOUNDS = {">=": "≥", "<=": "≤", ">": ">"}
COLOURS = {MET: "green", NOT_MET: "red"}
DISTURBED_CORES = 0.1


def show(console: Console, sections: Sequence[Section], *, rounds: int, is_quick: bool) -> None:
    """Print the table of goals, the engines side by side, and what speaks against the figures."""
    console.print(goals_table(sections, rounds=rounds, is_quick=is_quick))
    for section in sections:
        if compared := [row for row in section.rows if row.peers]:
            console.print(peers_table(section.name, compared))
    for line in remarks(sections):
        console.print(line, highlight=False, markup=False)


def goals_table(sections: Sequence[Section], *, rounds: int, is_quick: bool) -> Table:
    """Each row with its goal, median, spread, best peer and verdict."""
    title = f"median of {rounds} round{'s' if rounds > 1 else ''} (lowest-highest)"
    table = Table(title=f"Dynometer, {title}{', quick' if is_quick else ''}", box=box.SIMPLE_HEAD)
    for heading in ("what", "goal", "figure", "best peer", ""):
        table.add_column(heading, overflow="fold")
    for section in sections:
        for row in section.rows:
            verdict = f"[{COLOURS[row.verdict]}]{row.verdict}[/]" if row.verdict in COLOURS else row.verdict
            table.add_row(row.what, goal_text(row), spread(row.figure, row.unit), best_peer_text(row), verdict)
        if section.failure:
            table.add_row(section.name, "", "[red]failed[/]", "", escape(section.failure))
        table.add_section()
    return table


def peers_table(name: str, rows: Sequence[Row]) -> Table:
    """One column per peer: medians only."""
    names = list(dict.fromkeys(name for row in rows for name in row.peers))
    table = Table(title=f"{name}, side by side", box=box.SIMPLE_HEAD)
    for heading in ("what", "Dynometer", *names):
        table.add_column(heading, overflow="fold")
    for row in rows:
        others = [number(row.peers[name].median, row.unit) if name in row.peers else "" for name in names]
        table.add_row(row.what, number(row.figure.median, row.unit), *others)
    return table


def remarks(sections: Iterable[Section]) -> list[str]:
    """How disturbed the run was, and the notes of the rows."""
    lines = [
        f"{section.name}: took {section.took_s:.0f} s; others used {section.others_cores:.2f} of {os.cpu_count()} cores"
        + (" - a disturbed run" if section.others_cores > DISTURBED_CORES else "")
        for section in sections
    ]
    return lines + [f"{row.what}: {note}" for section in sections for row in section.rows for note in row.notes]


def goal_text(row: Row) -> str:
    return "" if row.goal is None else f"{BOUNDS[row.goal.bound]} {number(row.goal.limit, row.unit)}"


def spread(figure: Figure, unit: str) -> str:
    if len(figure.rounds) == 1:
        return number(figure.median, unit)
    return f"{number(figure.median, unit)} ({bare(figure.low)}-{bare(figure.high)})"


def best_peer_text(row: Row) -> str:
    name = row.best_peer
    return "" if name is None else f"{name} {number(row.peers[name].median, row.unit)}"


def number(value: float, unit: str) -> str:
    return f"{bare(value)} {unit}".rstrip()


def bare(value: float) -> str:
    """Three digits: more would not repeat."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def as_json(sections: Sequence[Section], *, rounds: int, is_quick: bool) -> dict[str, Any]:
    """Everything in the tables, unrounded."""
    return {
        "machine": machine(),
        "rounds": rounds,
        "is_quick": is_quick,
        "sections": [
            {"name": section.name, "took_s": section.took_s, "others_cores": section.others_cores,
             "failure": section.failure, "rows": [row_json(row) for row in section.rows]}
            for section in sections
        ],
    }  # fmt: skip


def row_json(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "unit": row.unit,
        "goal": goal_json(row.goal),
        "figure": figure_json(row.figure),
        "peers": {name: figure_json(figure) for name, figure in row.peers.items()},
        "verdict": row.verdict,
        "notes": list(row.notes),
    }


def goal_json(goal: Goal | None) -> dict[str, Any] | None:
    return None if goal is None else {"bound": goal.bound, "limit": goal.limit}


def figure_json(figure: Figure) -> dict[str, Any]:
    return {"median": figure.median, "low": figure.low, "high": figure.high, "rounds": list(figure.rounds)}


def machine() -> dict[str, Any]:
    """What two runs must share to be compared."""
    packages = ("celery", "sqlalchemy", "psycopg2-binary", "flask", "gunicorn")
    return {
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "versions": {package: version(package) for package in packages},
    }
