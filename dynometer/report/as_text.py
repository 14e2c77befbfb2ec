"""A report for people: the verdict first, then everything it rests on."""

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from dynometer.report import chart
from dynometer.report.command import command_of
from dynometer.report.report import Report
from dynometer.report.sections import (
    advice_lines,
    diagnosis_lines,
    law_lines,
    machine_lines,
    noise_lines,
    setback_lines,
)
from dynometer.report.tables import points_table, remark_lines
from dynometer.report.unmeasured import not_measured
from dynometer.wording import counted, seconds

WIDTH = 120  # columns where there is no terminal to ask


def report_text(report: Report, *, width: int = WIDTH, is_terminal: bool = False) -> str:
    """The report in words, tables and a chart: coloured Unicode on a terminal, plain ASCII elsewhere."""
    console = Console(file=io.StringIO(), width=width, force_terminal=is_terminal, highlight=False, markup=False,
                      emoji=False, color_system="auto" if is_terminal else None, safe_box=not is_terminal)
    for part in _parts(report, is_terminal, width):
        console.print(part)
    console.print(Text(f"  {command_of(report.result.plan)}"), soft_wrap=True)
    said: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def _parts(report: Report, is_terminal: bool, width: int) -> Iterable[RenderableType]:
    summary, result = report.summary, report.result
    yield Text(_title(report), style="bold")
    yield ""
    said = Text(report.verdict)
    yield Panel(said, title="Verdict", title_align="left", border_style="green") if is_terminal else said
    if further := [line for line in report.details if line not in report.verdict]:
        yield ""
        yield from _sentences(further)
    if report.gates:
        yield from _section("Gates", [judged.sentence for judged in report.gates])
    drawn = chart.draw(_series(report), summary.facts.cpus_usable, chart.UNICODE if is_terminal else chart.ASCII,
                       width=min(72, width - 20))
    if drawn:
        yield from _heading(f"Speed-up over {result.plan.baseline.model} ({result.plan.baseline.variant})")
        yield Text("\n".join(drawn))
    if summary.points:
        yield from _heading("Points")
        yield points_table(summary, width, is_terminal)
        yield from _sentences(remark_lines(summary))
    yield from _section("Void, unavailable or failed", setback_lines(report))
    yield from _section("Laws", law_lines(report))
    yield from _section("Diagnosis", diagnosis_lines(report))
    yield from _section("Advice", advice_lines(report), is_numbered=True)
    yield from _section("Noise", noise_lines(report))
    yield from _section("Not measured", not_measured(summary))
    yield from _section("Machine", machine_lines(result.environment, result.plan))
    yield from _heading("To measure it again")


def _title(report: Report) -> str:
    plan, result = report.result.plan, report.result
    parameters = ", ".join(f"{name} {value}" for name, value in plan.parameters.items())
    windows = sum(trial.is_accepted for trial in result.trials)
    return (f"{plan.workload}: {counted(plan.items, 'item')}{f' ({parameters})' if parameters else ''}; "
            f"{counted(windows, 'window')} in {seconds(result.elapsed_s)}")


def _series(report: Report) -> list[chart.Series]:
    return [chart.Series(f"{curve.model} ({curve.variant})",
                         {point.workers: point.speedup.value for point in curve.points if point.speedup})
            for curve in report.summary.facts.curves]


def _heading(title: str) -> Iterable[RenderableType]:
    yield ""
    yield Text(title, style="bold cyan")


def _section(title: str, lines: Iterable[str], *, is_numbered: bool = False) -> Iterable[RenderableType]:
    """A heading and its sentences; nothing when there is none."""
    found = list(lines)
    if not found:
        return
    yield from _heading(title)
    yield from _sentences(found, is_numbered)


def _sentences(lines: Iterable[str], is_numbered: bool = False) -> Iterable[RenderableType]:
    for number, line in enumerate(lines, 1):
        mark = f"{number}. " if is_numbered else "- "
        yield Padding(_hanging(mark, line), (0, 0, 0, 2))


def _hanging(mark: str, line: str) -> RenderableType:
    from rich.table import Table

    grid = Table.grid(padding=0)
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(mark), Text(line))
    return grid
