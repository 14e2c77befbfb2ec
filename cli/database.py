"""The database as commands use it: away, it is a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from settings import ConfigError


@contextmanager
def database_explained() -> Iterator[None]:
    """Raises ConfigError, in the words of `./dyno up`, when the database can't be used inside."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.database import first_line

    try:
        yield
    except SQLAlchemyError as error:
        sentence = f"The database can't be used: {first_line(error)}"
        raise ConfigError(sentence, hint="Does it run, and is DATABASE_URL right?") from None
