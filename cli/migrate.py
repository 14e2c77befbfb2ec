"""`python -m cli migrate`: the release step of a platform."""

import click

from cli.database import database_explained
from settings import Settings


@click.command("migrate")
def command() -> None:
    """Bring the database to this version's tables.

    The release step of a platform; `./dyno up` does it by itself.
    """
    from store.migrate import upgrade

    with database_explained():
        upgrade(Settings.from_env().database_url)
