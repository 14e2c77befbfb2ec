"""A stand-in web node: answers every request with what it received, as JSON."""

import json
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection each: a kept one would outlive the listening socket

    def address_string(self) -> str:
        return "socket"  # a unix socket has no address to look up

    def answer(self) -> None:
        received = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        seen = self.server.seen  # type: ignore[attr-defined]
        seen[self.path] += 1
        said = {
            "seen": {"/slow": seen["/slow"]},
            "method": self.command,
            "path": self.path,
            "headers": dict(self.headers),
            "received": received,
        }
        body = json.dumps(said | {"node": self.server.name}).encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("X-Queue-S", "0.012")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the library looks for these names

    def log_message(self, *arguments: Any) -> None:
        pass


class Node(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    name = ""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.seen: Counter[str] = Counter()


class TcpNode(Node):
    address_family = socket.AF_INET
    allow_reuse_address = True


@contextmanager
def web_node(path: Path | tuple[str, int]) -> Iterator[str]:
    """The address of a stand-in that listens on the socket `path`, or on a host and port."""
    if isinstance(path, tuple):
        with TcpNode(path, Echo) as node:
            threading.Thread(target=node.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            yield f"{path[0]}:{path[1]}"
            node.shutdown()
        return
    with Node(str(path), Echo) as node:
        node.name = path.stem
        threading.Thread(target=node.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"unix:{path}"
        node.shutdown()
    path.unlink(missing_ok=True)
