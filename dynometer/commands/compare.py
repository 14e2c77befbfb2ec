"""`compare`: two results of one workload against one another."""

import json
from pathlib import Path

import click

from dynometer.commands.errors import refuses
from dynometer.commands.gating import end_by_gates, gate_options


@click.command("compare")
@click.argument("a", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("b", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@gate_options
@click.option("--across", multiple=True, metavar="FACT",
              help="Compare although this fact differs, because it is what you study, e.g. python or versions.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@refuses
def compare(a: Path, b: Path, gates: tuple[str, ...], is_strict: bool, across: tuple[str, ...], as_json: bool) -> None:
    """Set result B against result A: per point, how its throughput changed, with an interval.

    Results of unlike machines are refused with status 7.  Equal things are called different in at most 5 % of
    comparisons.  In gates, change(model[,variant],workers) is B over A minus 1, and the others speak of B.

    \b
    python -m dynometer compare before.json after.json
    python -m dynometer compare before.json after.json --fail-if "change(pool,2) < -5%"
    """
    from dynometer.commands.results import read_result, require_valid
    from dynometer.compare.as_text import as_object, comparison_text
    from dynometer.compare.changes import compare as set_against
    from dynometer.compare.foretold import foretold
    from dynometer.compare.gates import judge_all
    from dynometer.compare.likeness import require_alike
    from dynometer.summary.gates import CHANGE, OF_ONE_RESULT, read_gates

    wanted = read_gates(gates, (*OF_ONE_RESULT, CHANGE))
    before, after = read_result(a), read_result(b)
    require_valid((f"A, {a.name},", before), (f"B, {b.name},", after))
    found = set_against(before, after, require_alike(before, after, across))
    judged = judge_all(wanted, found, after)
    told = foretold(before, after)
    click.echo(json.dumps(as_object(found, judged, told), indent=1, allow_nan=False) if as_json
               else comparison_text(found, judged, told), nl=as_json)
    end_by_gates(judged, is_strict=is_strict)
