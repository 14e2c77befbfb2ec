"""`fit`: which scaling law goes through a table of N and X, and what the table can't tell."""

import json
from pathlib import Path

import click

from dynometer.commands.errors import refuses


@click.command("fit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--estimator", type=click.Choice(["log", "absolute"]), default="log", show_default=True,
              help="log: relative errors, recommended. absolute: least squares on X, as published answers use it.")
@click.option("--cores", type=float,
              help="Cores the workers could use, for the roofline min(N, cores).  [told by the points]")
@click.option("--forecast", "forecasts", type=float, multiple=True, metavar="N", help="Predict X at N; may repeat.")
@click.option("--far", is_flag=True, help="Forecast even beyond 1.5 times the greatest measured N.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a report.")
@refuses
def fit(file: Path, estimator: str, cores: float | None, forecasts: tuple[float, ...], far: bool,
        as_json: bool) -> None:
    """Fit scaling laws to FILE, a CSV table of worker counts N and throughputs X.

    Equal N are replicates: five of each let the report judge whether a law describes the points at all.

    \b
    python -m dynometer fit table.csv
    python -m dynometer fit table.csv --cores 8 --forecast 24 --json
    """  # \b keeps click from joining the examples
    from dynometer.analysis.table import read_table
    from dynometer.commands.fit_report import make_report
    from dynometer.commands.fit_text import lines

    report = make_report(read_table(file), estimator=estimator, cores=cores, forecasts=forecasts, is_far_asked=far)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, allow_nan=False))
    else:
        click.echo("\n".join(lines(file.name, report)))
