"""The instrument's command line: `python -m dynometer`."""

import json

import click

from dynometer import __version__, workloads
from dynometer.commands.plan import plan


@click.group()
@click.version_option(__version__, prog_name="dynometer")
def main() -> None:
    """Measures how Python scales."""


@main.command("workloads")
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
def list_workloads(as_json: bool) -> None:
    """List what can be measured and run."""
    known = workloads.all_workloads().values()
    if as_json:
        click.echo(json.dumps([workloads.describe(workload) for workload in known], indent=2))
    else:
        for workload in known:
            click.echo(f"{workload.key:<16}{workload.description}  [{', '.join(workload.variants)}]")
    for name, reason in workloads.broken_workloads().items():
        click.echo(f"{name}: {reason}", err=True)


main.add_command(plan)  # imports what it needs when it runs

if __name__ == "__main__":
    main(prog_name="python -m dynometer")
