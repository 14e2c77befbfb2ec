"""Which server a command talks to, and with which token."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.client import Client, NotSignedIn
from cli.options import data_option, settings_for, settings_of_running
from cli.refusals import Unreachable
from fleet.data_folder import read_running, write_private
from settings import Settings

T = TypeVar("T")
TOKEN_FILE = "cli-token"  # noqa: S105 - a file name


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--server` and `--data`: where the job is."""
    server = click.option(
        "--server",
        help="URL of the Dynometer; its token comes from DYNOMETER_TOKEN.  "
        "[default: $DYNOMETER_SERVER_URL, else the `./dyno up` that runs here]",
    )
    return server(data_option(function))


def with_client(server: str | None, data: Path | None, do: Callable[[Client], T]) -> T:
    """`do` with a client for the server that is meant.

    For a fleet of this machine the token is made, kept in its data folder, and made anew when it stops working.
    Raises Unreachable when there is none.
    """
    settings = settings_for(data)
    running = read_running(settings.data_dir)
    url = server or settings.server_url or (running.url if running else "")
    if not url:
        raise Unreachable(
            f"No fleet runs on {settings.data_dir}.", hint="Start one with `./dyno up`, or name one with --server URL."
        )
    if settings.token or running is None or url != running.url:
        return do(Client(url, settings.token))
    try:
        return do(Client(url, local_token(data, settings)))
    except NotSignedIn:
        (settings.data_dir / TOKEN_FILE).unlink(missing_ok=True)
        return do(Client(url, local_token(data, settings)))


def local_token(data: Path | None, settings: Settings) -> str:
    """This user's own token for the fleet on their data folder."""
    path = settings.data_dir / TOKEN_FILE
    if not path.exists():
        from cli.token import make_token

        write_private(path, make_token(settings_of_running(data), "command line"))
    return path.read_text().strip()
