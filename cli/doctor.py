"""`./dyno doctor`."""

from pathlib import Path

import click

from cli.checks import CHECKS, Level
from cli.options import data_option, settings_as_running
from cli.refusals import UNEXPECTED


@click.command("doctor")
@data_option
@click.pass_context
def command(context: click.Context, data: Path | None) -> None:
    """Say what is here, what is missing, and what to do about it.

    Beside a fleet that runs on the data folder it looks at that fleet's database, broker and port.

    Exit status 1 when something that `./dyno up` needs is wrong.
    """
    settings = settings_as_running(data)
    findings = [check(settings) for check in CHECKS]
    for level, what, remedy in findings:
        print(f"{level:<5}  {what}" + (f"  ->  {remedy}" if remedy else ""))
    if any(finding.level is Level.WRONG for finding in findings):
        context.exit(UNEXPECTED)
