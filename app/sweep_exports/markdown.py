"""A report in Markdown, as a comment on a pull request."""

import re
from collections.abc import Iterable, Iterator

from app.sweep_exports.card import Card, facts, source
from app.sweep_tables import SweepTable, comparison_table, points_table
from dynometer.compare.as_text import verdict_of
from dynometer.compare.changes import Comparison
from dynometer.report.command import command_of
from dynometer.report.report import Report
from dynometer.report.sections import advice_lines, machine_lines, setback_lines
from dynometer.report.tables import remark_lines

ACTIVE = re.compile(r"([\\`*_{}\[\]#|~!])")  # letters that Markdown would act on
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})


def markdown(report: Report, card: Card) -> str:
    """Verdict, table, picture, advice, machine, and the command that measures it again."""
    name = f"[{plain(card.name)}]({card.address})" if card.address else plain(card.name)
    parts = [f"### {name}", f"**{plain(report.verdict)}**"]
    if card.chart:
        parts.append(f"![Speed-up over workers; the table has the numbers]({card.chart})")
    parts.append("\n".join(table_lines(points_table(report))))
    parts += listed("", [*setback_lines(report), *remark_lines(report.summary)])
    parts += listed("**Advice**", advice_lines(report), is_numbered=True)
    parts += listed("**Machine**", machine_lines(report.result.environment, report.result.plan))
    parts += ["**To measure it again**", fenced(command_of(report.result.plan))]
    parts.append(f"<sub>{plain(facts(report))} \N{MIDDLE DOT} {plain(source(report))}</sub>")
    return "\n\n".join(parts) + "\n"


def comparison_markdown(comparison: Comparison, a: Card, b: Card) -> str:
    """Two sweeps side by side."""
    names = [f"[{plain(card.name)}]({card.address})" if card.address else plain(card.name) for card in (a, b)]
    parts = [f"### A: {names[0]}, B: {names[1]}", f"**{plain(verdict_of(comparison))}**"]
    parts.append("\n".join(table_lines(comparison_table(comparison))))
    return "\n\n".join(parts) + "\n"


def table_lines(table: SweepTable) -> Iterator[str]:
    """As GitHub reads tables: numbers to the right."""
    yield line(table.headings)
    yield "|" + "|".join(" :-- " if is_text(name) else " --: " for name in table.headings) + "|"
    yield from (line([plain(cell) for cell in row]) for row in table.rows)


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def is_text(heading: str) -> bool:
    return heading in ("Model", "Variant", "Grade", "Evidence", "95 % interval")


def listed(title: str, lines: Iterable[str], *, is_numbered: bool = False) -> list[str]:
    found = [f"{f'{number}.' if is_numbered else '-'} {plain(each)}" for number, each in enumerate(lines, 1)]
    return [*([title] if title else []), "\n".join(found)] if found else []


def plain(text: str) -> str:
    """Text as text: on one line, nobody notified by an @, nothing taken for markup."""
    return ACTIVE.sub(r"\\\1", " ".join(text.split())).translate(ENTITIES)


def fenced(text: str) -> str:
    """A block of code whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"
