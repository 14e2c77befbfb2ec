"""The command line's table of contents.  Each command is loaded when it's called: `up` must not pay for `job`."""

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from cli.refusals import PipeClosed

MODULES = {
    "up": "cli.up",
    "job": "cli.job",
    "sweep": "cli.sweep",
    "token": "cli.token",
    "account": "cli.account",
    "doctor": "cli.doctor",
    "migrate": "cli.migrate",
    "nginx-config": "cli.nginx_config",
    "static": "cli.static",
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        command: click.Command = import_module(MODULES[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise PipeClosed from None  # click would make an exit status of it that says nothing

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in MODULES and (near := get_close_matches(args[0], MODULES, n=1)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, epilog="`./dyno COMMAND --help` tells more.  `./dyno test` runs the test suite, "
             "`sudo ./dyno install-services` adds nginx, PostgreSQL, RabbitMQ, Redis and Chromium.")  # fmt: skip
def dyno() -> None:
    """Dynometer measures how Python code scales, and runs the long job on a fleet of web and worker nodes.

    \b
    Start it:       ./dyno up
    Run a job:      ./dyno job run random-sum --items 20
    Measure:        ./dyno sweep run random-sum
    When it fails:  ./dyno doctor
    """
