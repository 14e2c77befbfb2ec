"""`./dyno static`: the static files as nginx wants them."""

from pathlib import Path

import click

from fleet.nginx_config import CHECKOUT
from fleet.static_files import compress


@click.command("static")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Copy the static files to FOLDER/static, each beside its gzipped twin; the rest of FOLDER stays as it is.

    For an nginx of your own (`./dyno nginx-config --static FOLDER`); `./dyno up` does it by itself.
    """
    compress(CHECKOUT / "app" / "static", folder.absolute())
    print(folder.absolute() / "static")
