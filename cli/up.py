"""`./dyno up`."""

from pathlib import Path

import click

from cli.options import data_option, settings_for
from fleet.plan import Counts
from fleet.up import up

NODES_MAX = 64


@click.command("up")
@click.option("--web", default=1, show_default=True, type=click.IntRange(1, NODES_MAX), help="Web nodes.")
@click.option("--worker", default=1, show_default=True, type=click.IntRange(1, NODES_MAX), help="Worker nodes.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen.  [default: $PORT, else 8000]")
@data_option
@click.option("--no-nginx", is_flag=True, help="Let the web nodes share the port even where nginx is installed.")
@click.option("--verbose", "-v", is_flag=True, help="Show every line of every node, not only errors.")
@click.pass_context
def command(
    context: click.Context, /, web: int, worker: int, port: int | None, data: Path | None, **flags: bool
) -> None:
    """Start the whole fleet here and keep it up until Ctrl+C.

    \b
    ./dyno up                          embedded: SQLite, its own broker, nginx if installed
    ./dyno up --worker 2 --port 9000
    DATABASE_URL=postgresql://... BROKER_URL=amqp://... ./dyno up
    """
    settings = settings_for(data, **({"DYNOMETER_PORT": str(port)} if port else {}))
    context.exit(up(settings, Counts(web, worker), uses_nginx=not flags["no_nginx"], is_verbose=flags["verbose"]))
