"""nginx before a web node with one job to look at; all started here, all ended here."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.requests import BATCH, Load
from fleet.front_door import FrontDoor, find_nginx, user_line
from fleet.nginx_config import CHECKOUT, Site, listed_nodes, render
from fleet.parent_death import dies_with_parent
from settings import Settings, child_environment
from store.accounts import ensure_roles
from store.database import Database
from store.migrate import upgrade
from store.people import add_person
from tasks.jobs import JobRequest, admit
from tests.services import Postgres, free_port, until

SECRET = "a secret of the benchmark alone, it serves nobody"
SMALL = {"width": 800, "height": 800, "max_iterations": 100}  # tiles of 8 x 8 pixels
CACHED = "proxy_cache fragments;"


@dataclass(frozen=True)
class Door:
    """What is asked, and who works for it."""

    ways: Mapping[str, Load]
    watched_port: int  # through the cache, and counted
    link: str
    settings: Settings
    job_id: int
    pids: tuple[int, ...]  # of nginx and Gunicorn
    asked: Callable[[], int]  # how many of those have reached the web node


def open_door(stack: ExitStack, folder: Path) -> Door:
    """Start all of it; `stack` ends it."""
    postgres = Postgres()
    stack.callback(postgres.remove)
    postgres.start()
    url = postgres.new_database()
    upgrade(url)
    settings = Settings(data_dir=folder, database_url=url, secret_key=SECRET, proxy_hops=1)
    job_id = a_job(settings)
    web_port = free_port()
    gunicorn = start_gunicorn(stack, settings, web_port, folder)
    link = live_link(settings, job_id)
    until(lambda: answers(web_port, link), "the web node answers", within_s=30)
    cached, uncached, logged = (
        start_nginx(stack, settings, web_port, folder / name) for name in ("cached", "uncached", "logged")
    )
    etag = requests.get(f"http://127.0.0.1:{cached.port}{link}", timeout=10).headers["ETag"]
    ways = {
        "web node alone": get(web_port, link),
        "through nginx, not cached": get(uncached.port, link),
        "micro-cache": get(cached.port, link, BATCH),
        "micro-cache, 304": get(cached.port, link, BATCH, f"If-None-Match: {etag}\r\n", b"304"),
    }
    pids = (gunicorn.pid, cached.pid, uncached.pid)
    return Door(ways, logged.port, link, settings, job_id, pids, lambda: missed(folder / "logged" / "access.log"))


def a_job(settings: Settings) -> int:
    """Accepted, and worked at by nobody."""
    with Database(settings.database_url).writing() as session:
        ensure_roles(session)
        owner = add_person(session, "bench@example.org", "", ["admin"])
        request = JobRequest("mandelbrot", "numpy", items=10_000, parameters=SMALL)
        return admit(session, owner.id, request, settings).job.id


def live_link(settings: Settings, job_id: int) -> str:
    from app import create_app
    from app.fragment_links import live_url

    with create_app(settings).test_request_context():
        return live_url(job_id)


def start_gunicorn(stack: ExitStack, settings: Settings, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    environment = child_environment(
        DATABASE_URL=settings.database_url, BROKER_URL="amqp://127.0.0.1:1//", DYNOMETER_SECRET_KEY=SECRET,
        DYNOMETER_BIND=f"127.0.0.1:{port}", DYNOMETER_PROXY_HOPS="1", DYNOMETER_DATA_DIR=str(folder),
        WEB_CONCURRENCY="2",
    )  # fmt: skip
    command = ["gunicorn", "--config", "gunicorn.conf.py", "--max-requests", "0", "wsgi:app"]
    return started(stack, [sys.executable, "-m", *command], folder / "web.log", environment)


@dataclass(frozen=True)
class Nginx:
    """One that runs."""

    port: int
    pid: int


def start_nginx(stack: ExitStack, settings: Settings, web_port: int, folder: Path) -> Nginx:
    """`folder` is called as what it does besides: cached, uncached or logged."""
    program = find_nginx()
    if program is None:
        raise SystemExit("nginx is not installed; `sudo ./dyno install-services` adds it.")
    folder.mkdir()
    port = free_port()
    site = Site(
        listen=f"127.0.0.1:{port}", upstream=listed_nodes([f"127.0.0.1:{web_port}"]), run=str(folder), temp=str(folder),
        static_root=str(CHECKOUT / "app"), user=user_line(),
        access_log=str(folder / "access.log") if folder.name == "logged" else "",
    )  # fmt: skip
    # a new connection each thousand requests is no part of what is measured
    text = render(site, settings).replace(
        "keepalive_timeout 65s;", "keepalive_timeout 65s; keepalive_requests 1000000;"
    )
    if folder.name == "logged":  # what it fetches behind a watcher's back too
        text = text.replace("server_tokens off;", "server_tokens off; log_subrequest on;")
        text = text.replace("limit_conn connections 200;", "")  # the watchers of this load have one address
    if folder.name == "uncached":
        assert CACHED in text
        text = text.replace(CACHED, "proxy_cache off;")
    door = FrontDoor(program, folder / "nginx.conf")
    door.config.write_text(text)
    door.check()
    process = started(stack, list(door.command), folder / "nginx.log", child_environment())
    until(lambda: answers(port, "/healthz"), "nginx answers")
    return Nginx(port, process.pid)


def started(stack: ExitStack, command: list[str], log: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output,
                                   preexec_fn=dies_with_parent())  # fmt: skip
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def get(port: int, path: str, batch: int = 1, extra: str = "", status: bytes = b"200") -> Load:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\n{extra}\r\n"
    return Load(port, request.encode(), status, batch)


def answers(port: int, path: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code == 200
    except OSError:
        return False


def missed(log: Path) -> int:
    return len(re.findall(r'"web_node": "[^"]', log.read_text()))
