"""What `./dyno sweep run` is told to measure, and the request that says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

SWEEPS = "/api/v1/sweeps"
PLAIN = ("workload", "name", "models", "variants", "workers", "items", "budget_s", "item_limit_s", "seed",
         "library_threads")  # fmt: skip


def listed(ctx: click.Context, parameter: click.Parameter, text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def counts(ctx: click.Context, parameter: click.Parameter, text: str | None) -> list[int] | None:
    try:
        return None if text is None else [int(part) for part in text.split(",")]
    except ValueError:
        raise click.BadParameter("must be whole numbers with commas between, such as 1,2,4.") from None


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `python -m dynometer sweep` has them; what is left out, the server chooses by the fleet that is there."""
    options = [
        click.option("--models", callback=listed, metavar="A,B",
                     help="Execution models; cluster is the whole fleet.  [default: those that fit]"),
        click.option("--workers", callback=counts, metavar="1,2,4",
                     help="Worker counts.  [default: 1, 2, 4, ... up to twice the fleet's usable CPUs]"),
        click.option("--variants", callback=listed, metavar="A,B",
                     help="Variants for every model.  [default: for each model the first that it can run]"),
        click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE",
                     help="A parameter of the workload; may be repeated."),
        click.option("--items", type=int, metavar="N", help="Items of the job in mind.  [default: the workload's]"),
        click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
                     help="Your own items: a JSON list, or one JSON value a line."),
        click.option("--budget", "budget_s", type=float, metavar="SECONDS",
                     help="Time after which points keep what they have.  [default: 55]"),
        click.option("--item-limit", "item_limit_s", type=float, metavar="SECONDS",
                     help="An item that takes longer fails its point."),
        click.option("--precision", type=float, metavar="PERCENT",
                     help="Enough when a point's 95 % interval is within plus or minus this.  [default: 3]"),
        click.option("--seed", type=int, metavar="N", help="Of the order of blocks.  [default: drawn, and recorded]"),
        click.option("--library-threads", type=int, metavar="N",
                     help="BLAS and OpenMP threads per worker.  [default: 1]"),
        click.option("--name", metavar="TEXT", help="What people call it.  [default: the workload's title]"),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def body_of(wanted: dict[str, Any]) -> dict[str, Any]:
    """The request, but for the parameters: their types are the server's to tell.  Raises InvalidInput."""
    from dynometer.measure.items_file import read_items

    body = {name: wanted[name] for name in PLAIN if wanted[name] is not None}
    if wanted["precision"] is not None:
        body["precision"] = wanted["precision"] / 100
    if wanted["inputs"]:
        body["inputs"] = list(read_items(wanted["inputs"]))
    return body
