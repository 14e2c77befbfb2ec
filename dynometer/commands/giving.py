"""`--given` on the command line."""

from collections.abc import Callable
from typing import Any

import click


def given_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--given`, repeatable."""
    return click.option("--given", "given", multiple=True, metavar="NAME=VALUE",
                        help="What no sweep can measure and the advice goes by, e.g. nodes=3 or concurrency-limit=20; "
                             "may be repeated. docs/method.md lists the names.")(function)
