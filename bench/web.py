"""A web node under Gunicorn, and a program that asks it."""

import http.client
import json
import secrets
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.fleet import ROOT, Fleet
from fleet.parent_death import dies_with_parent
from store.accounts import create_token, service_account
from tests.services import free_port, until

PROCESSES = 2
TIMEOUT_S = 60


class Client:
    """One connection, kept open, with a token."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def open(self, method: str, path: str, body: Any = None) -> http.client.HTTPResponse:
        """An answer to read from.  Raises RuntimeError when it's no success."""
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, path, sent, self.headers)
        response = self.connection.getresponse()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {response.read(500)!r}")
        return response

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """An answer's JSON."""
        return json.loads(self.open(method, path, body).read())


@dataclass(frozen=True)
class Web:
    """Where it listens, and a key to it."""

    port: int
    token: str

    def client(self) -> Client:
        return Client(self.port, self.token)


def start_web(stack: ExitStack, fleet: Fleet) -> Web:
    """A web node that answers; `stack` ends it."""
    port = free_port()
    with fleet.database.writing() as session:
        token = create_token(session, service_account(session).id, "bench")
    environment = fleet.environment | {
        "DYNOMETER_SECRET_KEY": secrets.token_urlsafe(48), "DYNOMETER_BIND": f"127.0.0.1:{port}",
        "DYNOMETER_NODE_NAME": "bench/web.1", "WEB_CONCURRENCY": str(PROCESSES),
    }  # fmt: skip
    # a process that is replaced after some thousand requests would close the connection that is being measured
    options = ["--config", "gunicorn.conf.py", "--max-requests", "0"]
    command = [sys.executable, "-m", "gunicorn", *options, "wsgi:app"]
    with (fleet.folder / "web.log").open("wb") as log:
        gunicorn = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                                    preexec_fn=dies_with_parent(signal.SIGTERM))  # fmt: skip
    stack.callback(gunicorn.wait)
    stack.callback(gunicorn.terminate)
    web = Web(port, token)
    until(lambda: answers(web), "the web node answers", within_s=30)
    return web


def answers(web: Web) -> bool:
    try:
        web.client().ask("GET", "/api/v1/jobs")
    except OSError:
        return False
    return True
