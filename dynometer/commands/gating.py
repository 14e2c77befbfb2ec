"""`--fail-if` on the command line."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from dynometer.summary.gates import Judged

GATE_NOT_MET = 4


def gate_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--fail-if`, repeatable."""
    return click.option("--fail-if", "gates", multiple=True, metavar="GATE",
                        help='End with status 4 when this holds, e.g. "speedup(pool,2) < 1.6"; may be repeated. There '
                             "are speedup, throughput [items/s] and efficiency of (model[,variant],workers).")(function)


def end_by_gates(judged: Iterable[Judged]) -> None:
    """Say on stderr which gates are not met, and end with status 4 if any."""
    failed = [each for each in judged if not each.is_met]
    for each in failed:
        click.echo(each.sentence, err=True)
    if failed:
        raise SystemExit(GATE_NOT_MET)
