"""What `./dyno doctor` looks at: one small function per thing, each with its remedy."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from fleet.broker import find_server
from fleet.broker_probe import check_broker, where
from fleet.data_folder import Running, read_running
from fleet.front_door import find_nginx, listen_address, nginx_version
from fleet.nginx_config import CHECKOUT
from fleet.ports import check_port
from settings import ConfigError, Settings

DISK_NEEDED_BYTES = 200_000_000
DISK_ENOUGH_BYTES = 2_000_000_000
INSTALL = "sudo ./dyno install-services"


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"  # works without it, or will soon
    WRONG = "wrong"  # nothing works before it's put right


class Finding(NamedTuple):
    """One line of the doctor."""

    level: Level
    what: str
    remedy: str = ""


def python(settings: Settings) -> Finding:
    return Finding(Level.OK, f"Python {platform.python_version()} in {sys.prefix}")


def pins(settings: Settings) -> Finding:
    """Whether what is installed is what requirements.txt says."""
    from packaging.requirements import Requirement

    lines = (CHECKOUT / "requirements.txt").read_text().splitlines()
    pinned = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    applying = [pin for pin in pinned if pin.marker is None or pin.marker.evaluate()]
    wrong = [pin.name for pin in applying if not pin.specifier.contains(installed(pin.name), prereleases=True)]
    if wrong:
        remedy = "rm -r .venv, then ./dyno up"
        return Finding(Level.WRONG, f"packages that are not as requirements.txt pins them: {', '.join(wrong)}", remedy)
    return Finding(Level.OK, f"{len(applying)} packages, as requirements.txt pins them")


def installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0"


def cpus(settings: Settings) -> Finding:
    """By affinity and cgroup quota: what a worker node's `auto` makes of it."""
    from celery.utils.sysinfo import cpu_budget

    budget = cpu_budget(use_cgroup_quota=True)
    quota = "no quota" if budget.quota is None else f"a quota of {budget.quota:g}"
    slots = budget.count if settings.slots == "auto" else settings.slots
    what = f"{budget.available} CPU(s) by affinity, {quota}: {slots} worker process(es) per worker node"
    return Finding(Level.OK, what)


def data_folder(settings: Settings) -> Finding:
    path = settings.data_dir
    if not os.access(nearest(path), os.W_OK | os.X_OK):
        return Finding(Level.WRONG, f"data folder {path} can't be written", "give one that you may write with --data")
    running = read_running(path)
    held = f"in use by `./dyno up` (process {running.pid}, {running.url}, {nodes_of(running)})" if running else "free"
    return Finding(Level.OK, f"data folder {path} is writable, {held}")


def nodes_of(running: Running) -> str:
    return f"{running.web} web and {running.worker} worker node(s)"


def disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(nearest(settings.data_dir)).free
    what = f"{free / 1e9:.1f} GB free for {settings.data_dir}"
    if free < DISK_NEEDED_BYTES:
        return Finding(Level.WRONG, what, "make room, or choose another folder with --data")
    if free < DISK_ENOUGH_BYTES:
        return Finding(Level.NOTE, what, "results of large jobs may need more")
    return Finding(Level.OK, what)


def nearest(path: Path) -> Path:
    """`path`, or its first parent that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def broker(settings: Settings) -> Finding:
    if settings.broker_url:
        return given_broker(settings.broker_url)
    try:
        _, source = find_server()
    except ConfigError as error:
        return Finding(Level.WRONG, str(error), error.hint)
    return Finding(Level.OK, f"broker: `up` starts {source}")


def given_broker(url: str) -> Finding:
    """Whether somebody answers where BROKER_URL points."""
    try:
        check_broker(url)
    except ConfigError as error:
        return Finding(Level.WRONG, str(error), "start it, or unset BROKER_URL to have `up` start one")
    return Finding(Level.OK, f"broker: the one at {where(url)} answers")


def database(settings: Settings) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from store.database import Database, first_line
    from store.migrate import is_current

    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if settings.is_sqlite and not path.exists():
        return Finding(Level.NOTE, f"database: SQLite, not made yet ({path})", "`./dyno up` makes it")
    kind = settings.database_url.split(":")[0].split("+")[0]
    try:
        if is_current(Database(settings.database_url)):
            return Finding(Level.OK, f"database: {kind}, with this version's tables")
    except SQLAlchemyError as error:
        remedy = "start it, or correct DATABASE_URL (unset, SQLite is used)"
        return Finding(Level.WRONG, f"database: {kind} can't be used: {first_line(error)}", remedy)
    return Finding(Level.NOTE, f"database: {kind}, without this version's tables", "`./dyno up` brings them")


def port(settings: Settings) -> Finding:
    host, number = listen_address(settings)
    running: Running | None = read_running(settings.data_dir)
    if running and running.url.endswith(f":{number}"):
        return Finding(Level.OK, f"port {number} is served by the fleet that runs")
    try:
        check_port(host, number)
    except ConfigError as error:
        return Finding(Level.WRONG, str(error), error.hint)
    return Finding(Level.OK, f"port {number} of {host} is free")


def nginx(settings: Settings) -> Finding:
    program = find_nginx()
    if program is None:
        return Finding(Level.NOTE, "nginx 1.19.5 or newer is not installed; web nodes share the port", INSTALL)
    version = ".".join(map(str, nginx_version(program)))
    return Finding(Level.OK, f"nginx {version} ({program})")


def chromium(settings: Settings) -> Finding:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return Finding(Level.NOTE, "Chromium is not installed; only tests of the pages need it", INSTALL)
    return Finding(Level.OK, f"Chromium ({program})")


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    python, pins, cpus, data_folder, disk, database, broker, port, nginx, chromium,
)  # fmt: skip
