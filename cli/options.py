"""Options that several commands share, and the settings they lead to."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from fleet.data_folder import read_running
from settings import Settings, child_environment


def data_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--data`: the folder of the fleet in question."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder with everything this fleet keeps.  [default: var/ in the checkout]",
    )(function)


def settings_for(data: Path | None, **changes: str) -> Settings:
    """The settings of the environment, with what the command line says on top."""
    if data is not None:
        changes["DYNOMETER_DATA_DIR"] = str(data.absolute())
    return Settings.from_env(child_environment(**changes))


def settings_of_running(data: Path | None) -> Settings:
    """The settings a fleet on this data folder runs with: its database too, when this shell doesn't name one."""
    settings = settings_for(data)
    running = read_running(settings.data_dir)
    return replace(settings, database_url=running.database_url) if running and settings.is_sqlite else settings


def settings_as_running(data: Path | None) -> Settings:
    """The database, the broker and the port of the fleet that runs on this data folder, whatever this shell names."""
    settings = settings_for(data)
    running = read_running(settings.data_dir)
    if running is None:
        return settings
    port = urlsplit(running.url).port or settings.port
    return replace(settings, database_url=running.database_url, broker_url=running.broker_url, port=port)
