"""`./dyno token`: API tokens made on the server's own console."""

from pathlib import Path

import click

from cli.database import database_explained
from cli.options import data_option, settings_of_running
from settings import Settings


@click.group("token")
def command() -> None:
    """API tokens."""


@command.command("create")
@click.argument("name")
@data_option
def create(name: str, data: Path | None) -> None:
    """Make an API token called NAME and print it, and nothing else, on stdout.

    It is shown this once: the database keeps only its SHA-256.

    \b
    DYNOMETER_TOKEN=$(./dyno token create ci) ./dyno job run random-sum --items 20
    """
    print(make_token(settings_of_running(data), name))


def make_token(settings: Settings, name: str) -> str:
    """A token of the service account, which sees every job.  Raises ConfigError when there is no database."""
    from store.accounts import create_token, service_account
    from store.database import Database
    from store.migrate import upgrade

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with database_explained():
        upgrade(settings.database_url)
        with Database(settings.database_url).writing() as session:
            return create_token(session, service_account(session).id, name)
