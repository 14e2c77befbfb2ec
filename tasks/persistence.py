"""Going on while the database is away."""

import logging
import sqlite3
from collections.abc import Callable
from random import uniform
from time import sleep
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

T = TypeVar("T")
TRIES = 60
POSTGRESQL_PASSES = (  # SQLSTATEs, and classes of them
    "08",  # connection
    "25006",  # read-only, as a standby is
    "40",  # deadlock, serialization
    "53",  # too many connections, disk or memory full
    "55P03",  # lock not available
    "57P",  # shut down, starting up
    "58",  # the system around it
)
SQLITE_PASSES = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip
PRIMARY = 0xFF  # the bits of a code of SQLite that say the kind; the others say which of it
log = logging.getLogger(__name__)


def persistently(do: Callable[[], T]) -> T:
    """`do`, again and again while the database is away, up to some five minutes: an outcome is worth waiting for.

    `do` must be safe to do twice: a commit whose answer was lost may have happened.
    """
    for turn in range(TRIES):
        try:
            return do()
        except (DBAPIError, PoolExhausted) as error:
            if not is_away(error):
                raise
            log.warning("The database is away (%s); the outcome waits in memory.", type(error).__name__)
            sleep(min(5.0, 0.1 * 2**turn) * uniform(0.5, 1.0))  # noqa: S311 - spreads the nodes' tries
    return do()


def is_away(error: Exception) -> bool:
    """Whether trying again may help: no connection, one that was cut, a database that is locked, read-only or full.

    Only what the database itself calls passing: a statement that it can't do would else be tried for ever, and its job
    never get a verdict.
    """
    if isinstance(error, InterfaceError | PoolExhausted):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY in SQLITE_PASSES
    code = getattr(error.orig, "pgcode", None)  # None: there was no connection
    passes = code.startswith(POSTGRESQL_PASSES) if code else isinstance(error, OperationalError | InternalError)
    return passes or error.connection_invalidated
