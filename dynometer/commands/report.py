"""`report`: what a result file says."""

from pathlib import Path

import click

from dynometer.commands.errors import refuses
from dynometer.commands.gating import end_by_gates, gate_options
from dynometer.commands.giving import given_option


@click.command("report")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@gate_options
@given_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@refuses
def report(file: Path, gates: tuple[str, ...], is_strict: bool, given: tuple[str, ...], as_json: bool) -> None:
    """Say again what the result in FILE holds: verdict, chart, points, laws, diagnosis, advice.

    \b
    python -m dynometer report result.json
    python -m dynometer report result.json --fail-if "speedup(pool,2) < 1.6"
    """
    from dynometer.advice.given import read_given
    from dynometer.commands.results import read_result, require_valid
    from dynometer.commands.showing import show
    from dynometer.report.report import make_report
    from dynometer.summary.gates import read_gates

    result = read_result(file)
    made = make_report(result, read_gates(gates), read_given(given))
    show(made, as_json)
    require_valid((file.name, result))
    end_by_gates(made.gates, is_strict=is_strict)
