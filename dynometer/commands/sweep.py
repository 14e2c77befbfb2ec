"""`sweep`: measure one workload under execution models."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dynometer.commands.errors import refuses
from dynometer.commands.gating import end_by_gates, gate_options
from dynometer.commands.giving import given_option

if TYPE_CHECKING:
    from dynometer.measure.result import SweepResult

INTERRUPTED = 130


def _listed(ctx: click.Context, parameter: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _counts(ctx: click.Context, parameter: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    try:
        return None if text is None else tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("must be whole numbers with commas between, such as 1,2,4.") from None


def _pairs(ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text[:80]!a} must be NAME=VALUE.")
        pairs[name.strip()] = value
    return pairs


def _share(ctx: click.Context, parameter: click.Parameter, percent: float) -> float:
    if not 0 < percent <= 100:  # NaN is not between any bounds
        raise click.BadParameter(f"must be above 0 and at most 100 percent, not {percent:g}.")
    return percent / 100


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What is to be measured."""
    options = [
        click.option("--models", callback=_listed, metavar="A,B", help="Execution models.  [default: those that fit]"),
        click.option("--workers", callback=_counts, metavar="1,2,4",
                     help="Worker counts.  [default: 1, 2, 4, ... up to twice the usable CPUs]"),
        click.option("--variants", callback=_listed, metavar="A,B",
                     help="Variants for every model.  [default: for each model the first that it can run]"),
        click.option("--param", "parameters", multiple=True, callback=_pairs, metavar="NAME=VALUE",
                     help="A parameter of the workload; may be repeated."),
        click.option("--items", type=int, metavar="N", help="Items of the job in mind.  [default: the workload's]"),
        click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
                     help="Your own items: a JSON list, or one JSON value a line."),
        click.option("--budget", "budget_s", type=float, default=55.0, show_default=True, metavar="SECONDS",
                     help="Wall time after which points keep what they have."),
        click.option("--item-limit", "item_limit_s", type=float, metavar="SECONDS",
                     help="An item that takes longer fails its point.  [default: a fifth of the budget, at least 10 or "
                          "a quarter of a short one, at most 300]"),
        click.option("--precision", callback=_share, type=float, default=3.0, show_default=True, metavar="PERCENT",
                     help="Enough when a point's 95 % interval is within plus or minus this."),
        click.option("--seed", type=int, metavar="N", help="Of the order of blocks.  [default: drawn, and recorded]"),
        click.option("--start-method", metavar="NAME", help="fork, spawn or forkserver.  [default: the first here]"),
        click.option("--library-threads", type=int, default=1, show_default=True, metavar="N",
                     help="BLAS and OpenMP threads per worker."),
        click.option("--no-diagnosis", "diagnoses", flag_value=False, default=True,
                     help="Leave out the points and probes that only diagnosis needs."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.command("sweep")
@click.argument("workload")
@plan_options
@gate_options
@given_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of words.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Keep every window here, up to date while it runs; report and compare read it.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@refuses
def sweep(workload: str, gates: tuple[str, ...], is_strict: bool, given: tuple[str, ...], as_json: bool,
          out: Path | None, quiet: bool, inputs: Path | None, **wanted: Any) -> None:
    """Measure WORKLOAD under execution models and worker counts, and say what holds it back and what to do.

    WORKLOAD is a key that `workloads` lists, path/to/file.py:function or package.module:function.

    \b
    python -m dynometer sweep random-sum
    python -m dynometer sweep wait --models event-loop,threads --workers 1,8,64 --param seconds=0.01
    python -m dynometer sweep path/to/file.py:function --items 200 --out mine.json
    python -m dynometer sweep random-sum --models sequential,pool --fail-if "speedup(pool,2) < 1.6"
    """
    from dynometer.advice.given import read_given
    from dynometer.commands.results import NothingMeasured, is_valid, require_free
    from dynometer.commands.running import run
    from dynometer.commands.showing import show
    from dynometer.measure.items_file import read_items
    from dynometer.measure.planning import make_plan
    from dynometer.report.report import make_report
    from dynometer.summary.gates import point_of, read_gates

    if out:
        require_free(out)
    read, known = read_gates(gates), read_given(given)
    plan = make_plan(workload, inputs=read_items(inputs) if inputs else None,
                     inputs_file=str(inputs or ""), **wanted)
    for gate in read:
        point_of(gate, (*plan.points, *(setback.point for setback in plan.setbacks)), plan.baseline)
    result, was_interrupted = run(plan, out, is_quiet=quiet)
    report = make_report(result, read, known)
    show(report, as_json)
    if was_interrupted:
        raise SystemExit(INTERRUPTED)
    if not is_valid(result):
        raise NothingMeasured(_why(result))
    end_by_gates(report.gates, is_strict=is_strict)


def _why(result: "SweepResult") -> str:
    """The sentence for a sweep without any window that counts."""
    lost = [setback for setback in result.setbacks if setback.standing != "unavailable"] or list(result.setbacks)
    lost.sort(key=lambda setback: setback.point != result.plan.baseline)
    if result.trials:
        return ("Nothing could be measured: the detectors rejected every window. The report says why; measure again "
                "when nothing else computes on this machine.")
    return f"Nothing could be measured. {lost[0].reason if lost else 'No window ended within the budget.'}"
