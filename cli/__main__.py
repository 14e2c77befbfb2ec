"""`python -m cli`: what `./dyno` runs."""

import os
import sys
from pathlib import Path

import click

from cli.commands import dyno
from cli.refusals import INTERRUPTED, PIPE_CLOSED, PipeClosed, exit_status
from dynometer.errors import DynometerError, InvalidInput
from settings import read_env_file

CHECKOUT = Path(__file__).parent.parent


def main() -> int:
    """Run the command line; the exit status.  A refusal is a sentence and its next step, never a traceback."""
    read_env_file(CHECKOUT / ".env")
    try:
        status = dyno(prog_name="./dyno", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (PipeClosed, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it flushes
        return PIPE_CLOSED
    except DynometerError as error:
        explain(error)
        return exit_status(error)
    return status if isinstance(status, int) else 0


def explain(error: DynometerError) -> None:
    """The sentence, what it says of each field, and what to do next; on stderr."""
    print(f"dyno: {error}", file=sys.stderr)
    for field, sentence in error.fields.items() if isinstance(error, InvalidInput) else ():
        print(f"  {field}: {sentence}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
