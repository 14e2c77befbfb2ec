"""`workloads`: what can be measured and run."""

import json

import click

from dynometer.commands.errors import refuses


@click.command("workloads")
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
@refuses
def workloads(as_json: bool) -> None:
    """List what can be measured and run.

    \b
    python -m dynometer workloads
    python -m dynometer workloads --json
    """
    from dynometer.workloads import all_workloads, broken_workloads, describe

    known = all_workloads().values()
    if as_json:
        click.echo(json.dumps([describe(workload) for workload in known], indent=2))
    else:
        for workload in known:
            click.echo(f"{workload.key:<18}{workload.description}  [{', '.join(workload.variants)}]")
    for name, reason in broken_workloads().items():
        click.echo(f"{name}: {reason}", err=True)
