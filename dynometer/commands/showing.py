"""A report on stdout: coloured on a terminal, plain ASCII elsewhere, JSON when asked for."""

import shutil
import sys

import click

from dynometer.report.report import Report

LEAST_WIDTH, MOST_WIDTH = 76, 160


def show(report: Report, as_json: bool) -> None:
    """Print `report`."""
    from dynometer.report.as_json import report_json
    from dynometer.report.as_text import WIDTH, report_text

    if as_json:
        click.echo(report_json(report))
        return
    is_terminal = sys.stdout.isatty()
    width = min(MOST_WIDTH, max(LEAST_WIDTH, shutil.get_terminal_size().columns)) if is_terminal else WIDTH
    text = report_text(report, width=width, is_terminal=is_terminal)
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "replace").decode(encoding), nl=False)
