"""Does that address answer?  One GET by hand: http.client is 5 MB and 20 ms, in a process that asks nothing else."""

import socket
from contextlib import closing

TIMEOUT_S = 5.0


def is_ok(address: str, path: str) -> bool:
    """Whether GET `path` gives 200 at `address`: host:port or unix:/path."""
    try:
        with closing(connect(address)) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def connect(address: str) -> socket.socket:
    """A connection to host:port or unix:/path.  Raises OSError when there is none to be had."""
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        connection.connect(address.removeprefix("unix:"))
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT_S)
