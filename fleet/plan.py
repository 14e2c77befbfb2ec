"""What a start will run: settings in, roles with their commands, addresses and environments out."""

import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.broker import BrokerChoice, choose_broker
from fleet.data_folder import DataFolder
from fleet.front_door import find_nginx, listen_address, make_front_door
from fleet.nginx_config import CHECKOUT
from fleet.ports import check_port
from fleet.procfile import read_procfile
from fleet.role import Role
from settings import Settings, child_environment

WORKER_NICENESS = 10  # pages and polls stay quick while all cores compute; costs the workers nothing measurable


@dataclass(frozen=True)
class Counts:
    """How many nodes of each role."""

    web: int
    worker: int


@dataclass(frozen=True)
class Plan:
    """A fleet that can be started."""

    roles: Mapping[Role, int]
    broker: BrokerChoice
    url: str
    web_addresses: tuple[str, ...]  # of each web node, as Gunicorn writes them
    has_nginx: bool


def make_plan(settings: Settings, folder: DataFolder, counts: Counts, *, uses_nginx: bool = True) -> Plan:
    """Choose the broker and the front door, and work out every node's environment.

    Raises ConfigError when the port is taken, there is no broker, or nginx refuses its configuration.
    """
    host, port = listen_address(settings)
    check_port(host, port)
    commands = read_procfile(CHECKOUT / "Procfile")
    broker = choose_broker(settings, folder)
    nginx = find_nginx() if uses_nginx else None
    bind = socket_of(folder) if nginx else (lambda node: f"{host}:{port}")
    environment = base_environment(settings, folder, broker)
    web = Role(
        "web", shell(commands["web"]), stops_after=("nginx",),
        variables=lambda node: {
            **environment(node), "DYNOMETER_BIND": bind(node), "DYNOMETER_SECRET_KEY": settings.secret_key
            or folder.secret_key(), "DYNOMETER_PROXY_HOPS": "1" if nginx else str(settings.proxy_hops),
        },
    )  # fmt: skip
    worker = Role("worker", shell(commands["worker"]), variables=environment, niceness=WORKER_NICENESS)
    addresses = tuple(bind(web.node_name(index)) for index in range(counts.web))
    roles = {web: counts.web, worker: counts.worker}
    if nginx:
        front_door = make_front_door(nginx, settings, folder, addresses)
        roles[Role("nginx", front_door.command, is_single=True, stop_signal=signal.SIGQUIT)] = 1
    if broker.command:
        after = ("nginx", "web", "worker")  # they still give back their chunks and say goodbye
        roles = {Role("broker", broker.command, is_single=True, stops_after=after): 1, **roles}
    return Plan(roles, broker, f"http://{shown(host)}:{port}", addresses, bool(nginx))


def base_environment(
    settings: Settings, folder: DataFolder, broker: BrokerChoice
) -> Callable[[str], Mapping[str, str]]:
    """What every node of ours reads; it says which one it is by its name."""
    path = f"{Path(sys.executable).parent}:{child_environment().get('PATH', '')}"

    def environment(node: str) -> Mapping[str, str]:
        return {
            "DYNOMETER_DATA_DIR": str(folder.path),
            "DYNOMETER_BROKER_URL": broker.url,
            "DYNOMETER_NODE_NAME": full_name(node),
            "PATH": path,
            "PYTHONUNBUFFERED": "1",
        }

    return environment


def full_name(node: str) -> str:
    """Unlike the same node's name on another host."""
    return f"{socket.gethostname()}/{node}"


def socket_of(folder: DataFolder) -> Callable[[str], str]:
    return lambda node: f"unix:{folder.run / node}.sock"


def shell(command: str) -> tuple[str, ...]:
    """A Procfile's command, run as platforms run it."""
    return ("/bin/sh", "-c", command)


def shown(host: str) -> str:
    """What a browser on this machine reaches."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
