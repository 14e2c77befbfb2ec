"""A refusal at the command line: one sentence and the next step on stderr, an exit status, no traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from dynometer.errors import DynometerError, InvalidInput, NotFound

USAGE, FAILED = 2, 3  # what was asked for does not fit; the run itself failed


def exit_status(error: DynometerError) -> int:
    return USAGE if isinstance(error, InvalidInput | NotFound) else FAILED


def explain(error: DynometerError) -> None:
    """The sentence and its hint, on stderr."""
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)


def refuses(command: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator for a command's function, below `@click.command`: explains what it refuses, and adds --debug."""

    @click.option("--debug", is_flag=True, help="Show the traceback of a refusal.")
    @wraps(command)
    def run(*args: Any, debug: bool, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DynometerError as error:
            if debug:
                raise
            explain(error)
            raise SystemExit(exit_status(error)) from None

    return run
