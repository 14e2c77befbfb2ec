"""`models`: the execution models, and which of them can be had here."""

import json
from collections.abc import Iterator, Mapping

import click

from dynometer.commands.errors import refuses
from dynometer.execution.model import ExecutionModel, Work
from dynometer.workloads.workload import Workload


@click.command("models")
@click.argument("workload", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
@refuses
def models(workload: str | None, as_json: bool) -> None:
    """List the execution models, and whether this Python can have them; with WORKLOAD, whether it can be run by them.

    \b
    python -m dynometer models
    python -m dynometer models wait
    """
    from dynometer.execution import all_models
    from dynometer.measure.inspection import inspected
    from dynometer.workloads import all_workloads

    works = list(_works({workload: inspected(workload)} if workload else all_workloads()))
    listed = [_about(model, works) for model in all_models().values()]
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for about in listed:
        click.echo(f"{about['key']:<20}{about['title']}. {about['wins']}")
        if not about["is_available"]:
            click.echo(f"{'':<20}Not available: {about['reason']}")


def _works(workloads: Mapping[str, Workload]) -> Iterator[Work]:
    """Every variant with its defaults."""
    for key, workload in workloads.items():
        parameters = vars(workload.accept({}, workload.default_items))
        for variant in (*workload.variants, *workload.coroutines):
            yield Work(key, variant, parameters)


def _about(model: ExecutionModel, works: list[Work]) -> dict[str, object]:
    reasons = {f"{work.workload}/{work.variant}": model.why_not(work) for work in works}
    fitting = [name.partition("/")[2] for name, reason in reasons.items() if reason is None]
    wins = " ".join((type(model).__doc__ or "").split("\n\n")[0].split())
    return {
        "key": model.key, "title": model.title, "wins": wins, "needs": str(model.needs),
        "uses_processes": model.uses_processes, "most_workers": model.most_workers, "is_available": bool(fitting),
        "variants": list(dict.fromkeys(fitting)), "reason": None if fitting else next(iter(reasons.values()), None),
    }
