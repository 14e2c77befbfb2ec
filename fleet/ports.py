"""The port of the front door: free, or a sentence that says who has it."""

import errno
import socket
from contextlib import closing

from settings import ConfigError


def check_port(host: str, port: int) -> None:
    """Return when `port` is free.  Raises ConfigError that names what holds it, and what to do."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else connections that just ended count
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(
                    f"Port {port} is taken{holder(port)}.", hint=f"`./dyno up --port {port + 1}` takes another one."
                ) from None
            raise ConfigError(
                f"Port {port} of {host} can't be used: {error.strerror}.",
                hint="Ports below 1024 take root; `./dyno up --port 8000` does not.",
            ) from None


def holder(port: int) -> str:
    """Who listens on `port`, as far as the system tells us."""
    import psutil  # only needed when something is wrong

    try:
        for connection in psutil.net_connections("tcp"):
            is_it = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if is_it and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # macOS tells only root
    return " by another program"
