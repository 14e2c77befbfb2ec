"""Going on while the database is away."""

import logging
from collections.abc import Callable
from random import uniform
from time import sleep
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

T = TypeVar("T")
TRIES = 60
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
    """Whether trying again may help: no connection, one that was cut, a database that is read-only or full."""
    if isinstance(error, OperationalError | InterfaceError | InternalError | PoolExhausted):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated
