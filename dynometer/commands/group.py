"""The command line's table of contents.  Each command is loaded when it is called: `--help` must be quick."""

from difflib import get_close_matches
from importlib import import_module

import click

from dynometer import __version__

COMMANDS = {  # name -> module:command, and the line that --help shows without loading it
    "sweep": ("dynometer.commands.sweep:sweep", "Measure a workload under execution models; say what holds it back."),
    "report": ("dynometer.commands.report:report", "Say again what a result file holds."),
    "compare": ("dynometer.commands.compare:compare", "Set two results of one workload against one another."),
    "fit": ("dynometer.commands.fit:fit", "Fit scaling laws to a table of N and X."),
    "plan": ("dynometer.commands.plan:plan", "How many workers an arrival rate needs."),
    "workloads": ("dynometer.commands.workloads:workloads", "List what can be measured and run."),
    "models": ("dynometer.commands.models:models", "List the execution models, and which can be had here."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and (near := get_close_matches(args[0], COMMANDS, n=1)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table above: no command is imported for the list."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


EPILOG = ("`python -m dynometer COMMAND --help` tells more.  Exit status: 0 well, 1 unexpected, 2 wrong usage or "
          "input, 3 nothing could be measured, 4 a gate is not met or a plan's answer is no, 7 not "
          "comparable, 130 interrupted.")


@click.group(cls=LazyGroup, epilog=EPILOG)
@click.version_option(__version__, prog_name="dynometer")
def main() -> None:
    """Measures how Python scales: threads, processes, asyncio or native code, and how many workers.

    \b
    The tutorial case:   python -m dynometer sweep random-sum
    Some models only:    python -m dynometer sweep random-sum --models sequential,threads,pool --workers 1,2,4
    Your own function:   python -m dynometer sweep path/to/file.py:function --items 200
    Keep the result:     python -m dynometer sweep wait --out wait.json, then: report wait.json
    Before and after:    python -m dynometer compare before.json after.json --fail-if "change(pool,2) < -5%"
    """
