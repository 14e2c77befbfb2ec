"""The environment, read once and typed: the only file that touches `os.environ`."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dynometer.errors import DynometerError

PREFIX = "DYNOMETER_"


class ConfigError(DynometerError):
    """The environment does not describe a Dynometer that can start."""


@dataclass(frozen=True)
class Settings:
    """Everything in which two installations may differ.

    A field is read from DYNOMETER_<FIELD>; some also from the names that platforms use (ALIASES).
    """

    data_dir: Path = Path("var")  # SQLite file, broker data, logs, secret; from the checkout; one `up` per folder
    database_url: str = field(default="", repr=False)  # DATABASE_URL; SQLite in data_dir by default
    # BROKER_URL, CLOUDAMQP_URL, REDIS_URL; empty until `up` starts the embedded broker
    broker_url: str = field(default="", repr=False)
    queue: str = "dynometer"  # on the broker; installations that share one need different names
    node_name: str = ""  # DYNO; what the fleet calls this web or worker node; host name and pid by default
    port: int = 8000  # PORT
    bind: str = ""  # where one web node listens, host:port or unix:/path; by default 0.0.0.0:$PORT, else loopback
    web_concurrency: int = 2  # WEB_CONCURRENCY: Gunicorn processes of a web node
    secret_key: str = field(default="", repr=False)  # signs sessions; `up` makes one and keeps it in data_dir
    proxy_hops: int = 0  # proxies in front that may set X-Forwarded-*
    proxies: str = ""  # addresses or networks, separated by commas, of those in front of the fleet's own nginx
    hosts: str = ""  # Host names served besides loopback, separated by commas; * for any
    oidc_issuer: str = ""  # people may sign in through this OpenID Connect provider
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_client_secret_file: str = ""
    oidc_role: str = "viewer"  # of whoever comes through it the first time; empty lets nobody new in
    slots: str = "auto"  # worker processes of a worker node; auto is one per usable CPU
    heartbeat_s: float = 10.0
    lease_s: float = 30.0  # a chunk whose node is silent for so long goes to another; alike on all nodes, or within 2 x
    lost_after_s: float = 35.0  # a node silent for so long is lost
    deaf_after_s: float = 60.0  # an idle node beside work that was rung for is replaced after so long
    ring_again_s: float = 15.0  # a ready chunk nobody claimed for so long is rung again
    shift_s: float = 10.0  # a Celery task claims chunks for so long, then ends
    chunk_target_s: float = 1.0
    item_time_limit_s: float = 300.0
    value_max_bytes: int = 1_000_000  # one item's value, as JSON
    upload_max_bytes: int = 100_000_000
    upload_max_items: int = 5_000_000
    body_max_bytes: int = 1_000_000  # of every request that is not an upload
    open_jobs_max: int = 1_000  # of one person at once; administrators may say otherwise for each
    open_items_max: int = 10_000_000_000  # in these jobs
    stored_bytes_max: int = 5_000_000_000  # of one person's uploads, as they are kept
    open_sweeps_max: int = 10  # of one person at once
    sweep_budget_max_s: float = 1800.0  # how long one sweep may have a node to itself, block by block
    sample: bool = True  # `up` on an empty data folder measures a short sample sweep
    ready_file: str = ""  # touched when a web node serves; the nginx buildpack waits for /tmp/app-initialized
    log_level: str = "info"
    development: bool = False  # adds /gallery, which shows every piece of the pages in every state
    server_url: str = ""  # the Dynometer that `./dyno job` talks to; the one that runs on data_dir by default
    token: str = field(default="", repr=False)  # its API token; `up` on this machine gives one by itself

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def is_redis(self) -> bool:
        return urlsplit(self.broker_url).scheme.split("+")[0] in ("redis", "rediss", "valkey", "valkeys")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `environ` (the process's own by default).

        Raises ConfigError that names every unknown or unreadable variable at once.
        """
        env = os.environ if environ is None else environ
        given = {name[len(PREFIX) :].lower(): text for name, text in env.items() if name.startswith(PREFIX)}
        kinds = {field.name: type(field.default) for field in fields(cls)}
        types: dict[str, Any] = {name: READERS.get(kind, kind) for name, kind in kinds.items()}
        if unknown := sorted(PREFIX + name.upper() for name in given.keys() - types.keys()):
            raise ConfigError(f"Unknown settings: {', '.join(unknown)}.", hint="`.env.example` lists those there are.")
        for name, aliases in ALIASES.items():
            if text := next((env[alias] for alias in aliases if env.get(alias)), ""):
                given.setdefault(name, text)
        values, errors = {}, []
        for name, text in given.items():
            try:
                values[name] = types[name](text)
            except ValueError:
                errors.append(f"{PREFIX}{name.upper()} must be {KINDS[types[name]]}, got {text!r}")
        if errors:
            raise ConfigError("; ".join(sorted(errors)) + ".")
        if env.get("DYNO") and not (values.get("database_url") and values.get("broker_url")):
            raise ConfigError("On a platform whose nodes share no disk, DATABASE_URL and a broker's URL must be set.")
        return completed(cls(**values))


ALIASES = {
    "database_url": ("DATABASE_URL",),
    "broker_url": ("BROKER_URL", "CLOUDAMQP_URL", "REDIS_URL"),
    "node_name": ("DYNO",),
    "port": ("PORT",),
    "web_concurrency": ("WEB_CONCURRENCY",),
}
SECRET = ("secret_key", "database_url", "broker_url", "token", "oidc_client_secret")  # may hold a password
DATABASES = ("postgresql+psycopg2", "sqlite")

SWITCH = {"true": True, "1": True, "false": False, "0": False}


def switch(text: str) -> bool:
    """Raises ValueError for what is neither on nor off."""
    if text.lower() not in SWITCH:
        raise ValueError(text)
    return SWITCH[text.lower()]


READERS: dict[type, Any] = {bool: switch}  # bool("False") is True
KINDS: dict[Any, str] = {int: "a whole number", float: "a number of seconds", switch: "true or false"}


@cache
def settings_of_this_process() -> Settings:
    """What a web or worker node reads, once: then the secrets leave the environment, so that no program that a workload
    or a library starts inherits them.

    Raises ConfigError.
    """
    settings = Settings.from_env()
    if sys.platform == "linux":  # elsewhere Celery's processes are spawned, and read it again
        for name in SECRET:
            for variable in (PREFIX + name.upper(), *ALIASES.get(name, ())):
                os.environ.pop(variable, None)
    return settings


def completed(settings: Settings) -> Settings:
    """The defaults that depend on other settings or on the host, filled in."""
    data_dir = Path(__file__).parent.absolute() / settings.data_dir
    url = settings.database_url or f"sqlite:///{data_dir / 'dynometer.db'}"
    name = settings.node_name or f"{socket.gethostname()}:{os.getpid()}"
    return replace(settings, data_dir=data_dir, database_url=with_driver(url), node_name=name)


def with_driver(url: str) -> str:
    """`url` with psycopg2 named.  Raises ConfigError, without the rest of the URL: it may hold a password.

    A bare postgresql:// means psycopg 3 to SQLAlchemy 2.1, and it does not know the postgres:// of platforms.
    """
    parts = urlsplit(url)
    if parts.scheme in ("postgres", "postgresql"):
        return urlunsplit(parts._replace(scheme="postgresql+psycopg2"))
    if parts.scheme not in DATABASES:
        given = f"begins with {parts.scheme}://" if parts.scheme else "is no URL"
        raise ConfigError(
            f"DATABASE_URL {given}, and Dynometer keeps its data in PostgreSQL or SQLite.",
            hint="Give postgresql://user:password@host/name, or leave it empty for a SQLite file in the data folder.",
        )
    return url


def read_env_file(path: Path) -> None:
    """Add the NAME=value lines of `path`, if it's there, to the environment; what is set already stays."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with `changes`, for a process started by us."""
    return {**os.environ, **changes}
