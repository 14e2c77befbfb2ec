"""A real nginx with a configuration of ours, in front of stand-ins or of the real app."""

import signal
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler

from flask import Flask

from fleet.front_door import FrontDoor, user_line
from fleet.nginx_config import CHECKOUT, Site, listed_nodes, render
from fleet.parent_death import dies_with_parent
from settings import Settings
from tests.services import free_port, until


def site_at(folder: Path, *nodes: str, **changes: Any) -> Site:
    """A site on a free loopback port that writes below `folder`."""
    for name in ("run", "temp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {
        "listen": f"127.0.0.1:{free_port()}", "upstream": listed_nodes(nodes or ("unix:/nowhere.sock",)),
        "run": str(folder / "run"), "temp": str(folder / "temp"), "static_root": str(CHECKOUT / "app"),
        "user": user_line(),
    }  # fmt: skip
    return Site(**given | changes)


def configured(nginx_binary: str, site: Site, settings: Settings) -> FrontDoor:
    """Written and found good by nginx."""
    config = Path(site.run) / "nginx.conf"
    config.write_text(render(site, settings))
    door = FrontDoor(nginx_binary, config)
    door.check()
    return door


@contextmanager
def running(nginx_binary: str, site: Site, settings: Settings | None = None) -> Iterator[subprocess.Popen[bytes]]:
    door = configured(nginx_binary, site, settings or Settings())
    process = subprocess.Popen(door.command, preexec_fn=dies_with_parent())
    try:
        until(lambda: Path(site.run, "nginx.pid").exists() and Path(site.run, "nginx.pid").read_text(), "nginx runs")
        yield process
    finally:
        process.send_signal(signal.SIGQUIT)
        assert process.wait(20) == 0


@dataclass
class Asked:
    """What the app was asked: environments in order."""

    environs: list[dict[str, Any]] = field(default_factory=list)
    goes_on: threading.Event = field(default_factory=threading.Event)  # while cleared the app answers nobody

    def times(self, path: str) -> int:
        return sum(environ["PATH_INFO"] == path for environ in self.environs)


class Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        return "socket"

    def handle(self) -> None:
        """One request, then the connection ends: a kept one would outlive the listening socket."""
        self.raw_requestline = self.rfile.readline(65_537)
        if self.raw_requestline and self.parse_request():
            self.client_address = ("socket", 0)
            handler = ServerHandler(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
            handler.request_handler = self  # type: ignore[attr-defined]
            handler.run(self.server.application)  # type: ignore[attr-defined]

    def log_message(self, *arguments: Any) -> None:
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    application: Any = None
    base_environ: dict[str, str] = {"SERVER_NAME": "door", "SERVER_PORT": "0"}  # noqa: RUF012 - the library reads it


@contextmanager
def app_behind(app: Flask, path: Path) -> Iterator[Asked]:
    """The app on the socket `path`, and what it is asked."""
    asked = Asked()
    asked.goes_on.set()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        asked.environs.append(environ)
        asked.goes_on.wait(20)
        return app(environ, start_response)

    with Server(str(path), Handler) as server:
        server.application = application
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield asked
        server.shutdown()
