"""A refusal at the command line: one sentence and the next step on stderr, an exit status, no traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from dynometer.errors import DynometerError, InvalidInput, NotFound

UNEXPECTED, USAGE, FAILED, INTERRUPTED = 1, 2, 3, 130  # 2: what was asked for does not fit; 3: the run itself failed


def exit_status(error: DynometerError) -> int:
    """The error's own `exit_status` where its class has one."""
    if isinstance(error, InvalidInput | NotFound):
        return USAGE
    return getattr(error, "exit_status", FAILED)


def explain(error: DynometerError) -> None:
    """The sentence and its hint, on stderr."""
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)


def refuses(command: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator for a command's function, below `@click.command`: explains what it refuses, and adds --debug.

    Ctrl+C ends with 130, and what nobody expected with 1.
    """

    @click.option("--debug", is_flag=True, help="Show the traceback of a refusal or an error.")
    @wraps(command)
    def run(*args: Any, debug: bool, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DynometerError as error:
            if debug:
                raise
            explain(error)
            raise SystemExit(exit_status(error)) from None
        except KeyboardInterrupt:
            if debug:
                raise
            raise SystemExit(INTERRUPTED) from None
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise  # click has its own words and status for them
        except Exception as error:
            if debug:
                raise
            click.echo(f"Error: this should not happen: {type(error).__name__}: {error}", err=True)
            click.echo("Run it again with --debug, and report what that shows.", err=True)
            raise SystemExit(UNEXPECTED) from None

    return run
