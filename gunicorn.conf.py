"""How one web node serves; each setting with its reason."""

import os
from pathlib import Path
from typing import Any

from settings import settings_of_this_process
from tasks.private_memory import keep_memory_private

settings = settings_of_this_process()

if settings.bind:
    bind = settings.bind  # given by `./dyno up`: a socket behind nginx, else the port that all web nodes share
    reuse_port = not bind.startswith("unix:")
# else Gunicorn's own rule holds: 0.0.0.0:$PORT where a platform gives PORT, loopback otherwise

# Threads, behind nginx too: an upload of millions of lines or a download of a whole result may take minutes, and
# two of those would block a node of two sync processes (and its time-out would kill them).  Price: 10 % fewer pages/s.
worker_class = "gthread"
workers = settings.web_concurrency
threads = 4  # the database pool has as many connections
keepalive = 75  # longer than nginx keeps an idle connection (60 s), so that nginx is the one who closes

preload_app = True  # one copy of the app in memory, 5 MB per process instead of 44
timeout = 30  # a process whose main loop hangs so long is replaced
graceful_timeout = 14  # below the 15 s after which `up` kills, and the 30 s of platforms
max_requests = 2000  # a leak in a library can't grow for ever
max_requests_jitter = 500  # not all processes at once
backlog = 512  # more would wait longer than anybody does
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a heartbeat must not wait for a disk
control_socket_disable = True  # its default place is shared by all Gunicorns of a user; the second one steals it
proc_name = "dyno-web"
# Who may say "this was https": nobody.  The app reads X-Forwarded-* itself, from as many proxies as are configured
forwarded_allow_ips = ""

loglevel = "warning" if settings.log_level == "info" else settings.log_level
errorlog = "-"
accesslog = "-" if settings.log_level == "debug" else None  # nginx or the platform's router has one
access_log_format = (
    '{"time": "%(t)s", "request_id": "%({x-request-id}o)s", "address": "%(h)s", "method": "%(m)s", "uri": "%(U)s", '
    '"status": %(s)s, "bytes": "%(B)s", "took_us": %(D)s, "request_start": "%({x-request-start}i)s"}'
)


def on_starting(server: Any) -> None:
    keep_memory_private()


def when_ready(server: Any) -> None:
    """It listens: tell the one who waits for it."""
    if settings.ready_file:
        Path(settings.ready_file).touch()


def post_fork(server: Any, worker: Any) -> None:
    """Connections opened before the fork belong to the parent: two processes on one socket corrupt it."""
    worker.app.wsgi().extensions["database"].after_fork()
