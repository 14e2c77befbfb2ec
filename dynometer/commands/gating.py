"""`--fail-if` and `--strict` on the command line."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from dynometer.summary.gates import Decision, Judged

GATE_NOT_MET = 4


def gate_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--fail-if`, repeatable, and `--strict`."""
    strict = click.option("--strict", "is_strict", is_flag=True,
                          help="End with status 4 for a gate that the measured interval leaves undecided, too.")
    gates = click.option("--fail-if", "gates", multiple=True, metavar="GATE",
                         help='End with status 4 when this holds in the whole 95 % interval, e.g. "speedup(pool,2) < '
                              '1.6"; may be repeated. There are speedup, throughput [items/s] and efficiency of '
                              "(model[,variant],workers).")
    return gates(strict(function))


def end_by_gates(judged: Iterable[Judged], *, is_strict: bool) -> None:
    """Say on stderr which gates are not met or undecided; end with status 4 for the first, and `is_strict` for both."""
    open_gates = [each for each in judged if each.decision is not Decision.MET]
    for each in open_gates:
        click.echo(each.sentence, err=True)
    if any(is_strict or each.decision is Decision.NOT_MET for each in open_gates):
        raise SystemExit(GATE_NOT_MET)
