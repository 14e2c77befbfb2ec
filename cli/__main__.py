"""`python -m cli`: what `./dyno` runs."""

import sys

import click

from cli.commands import dyno
from dynometer.errors import DynometerError, InvalidInput
from settings import ConfigError

USAGE = 2
INTERRUPTED = 130


def main() -> int:
    """Run the command line; the exit status.  A refusal is a sentence and its next step, never a traceback."""
    try:
        status = dyno(prog_name="./dyno", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except DynometerError as error:
        print(f"dyno: {error}", file=sys.stderr)
        for field, sentence in error.fields.items() if isinstance(error, InvalidInput) else ():
            print(f"  {field}: {sentence}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return USAGE if isinstance(error, ConfigError | InvalidInput) else 1
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
