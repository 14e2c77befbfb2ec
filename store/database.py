"""Connections: one recipe for PostgreSQL and one for SQLite, the same sessions on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import Double

BUSY_TIMEOUT_MS = 15_000
# A server that vanished without a word is given up within half a minute, not after the system's two hours
NOTICES_SILENCE = {
    "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000,
}  # fmt: skip


class now_s(FunctionElement[float]):  # noqa: N801 - reads like the SQL function it is
    """The database's clock, in seconds since 1970 UTC: leases never depend on a node's clock."""

    type = Double()
    inherit_cache = True


@compiles(now_s)
def _now_anywhere(element: now_s, compiler: Any, **kw: Any) -> str:
    return "now()"  # for SQLAlchemy's own looks at a statement that no database gets


@compiles(now_s, "postgresql")
def _now_postgresql(element: now_s, compiler: Any, **kw: Any) -> str:
    return "extract(epoch FROM clock_timestamp())::float8"


@compiles(now_s, "sqlite")
def _now_sqlite(element: now_s, compiler: Any, **kw: Any) -> str:
    # unixepoch('subsec') came with 3.42; Debian 12 and Python's own builds still carry 3.40
    return "((julianday('now') - 2440587.5) * 86400.0)"


def first_line(error: Exception) -> str:
    """What a driver says, without SQLAlchemy's frame around it."""
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


def kind_of(session: Session) -> str:
    """PostgreSQL 15.13, SQLite 3.40.1."""
    dialect = session.connection().dialect
    name = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[dialect.name]
    return f"{name} {'.'.join(map(str, dialect.server_version_info or ()))}"


def is_too_far_ahead(moment: Any, period_s: float) -> ColumnElement[bool]:
    """Whether `moment`, which is never set further ahead than `period_s`, lies beyond twice that.

    Then the database's clock was set back since: such a moment says nothing, and waiting for it may take hours.  Twice,
    as nodes may be set differently.
    """
    return cast(ColumnElement[bool], moment > now_s() + 2 * period_s)


class Database:
    """An engine and the two kinds of session on it.

    `pool_size` 0 opens a connection per session: right for processes that seldom ask.  `pings` asks a pooled
    connection whether it lives before each use; who tries again anyway can do without that round trip.
    """

    def __init__(self, url: str, *, pool_size: int = 0, overflow: int = 0, pings: bool = True) -> None:
        self.url = url
        self.engine = _engine(url, pool_size, overflow, pings)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: on SQLite it never waits for writers, nor they for it."""
        with Session(self.engine.execution_options(reads_only=True), expire_on_commit=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction without a session: for a single statement that is asked for often."""
        with self.engine.begin() as connection:
            yield connection

    def hold_open(self) -> Any:
        """Keep an idle connection to a SQLite file while the result lives; None on PostgreSQL, whose pools keep theirs.

        Whoever closes such a file last writes its log back, which is slow.
        """
        return self.engine.raw_connection() if self.engine.dialect.name == "sqlite" else None

    def after_fork(self) -> None:
        """Forget the parent's connections without closing them: two processes on one socket corrupt it."""
        self.engine.dispose(close=False)


def _engine(url: str, pool_size: int, overflow: int, pings: bool) -> Engine:
    if url.startswith("sqlite"):
        # NullPool: opening a SQLite file costs 0.1 ms, and no lock outlives its session
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = {"connect_timeout": 3, "application_name": "dynometer"} | NOTICES_SILENCE
    if pool_size == 0:
        return create_engine(url, poolclass=NullPool, connect_args=options)
    return create_engine(
        url, pool_size=pool_size, max_overflow=overflow, pool_timeout=3, pool_recycle=280,
        pool_pre_ping=pings, pool_use_lifo=True, connect_args=options,
    )  # fmt: skip


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")  # nosemgrep: no-sql-from-strings - of the line above


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that writes later fails with "database is locked" when another writer came in between
    reads_only = connection.get_execution_options().get("reads_only")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
