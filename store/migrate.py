"""Bringing a database to the schema of this version, by Alembic.

Alembic is imported where it works: web nodes only ask whether the schema is current, and start a third of a second
sooner without it.
"""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from store.database import Database

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database_url: str) -> None:
    """Apply what is missing; callers that come at the same time wait for each other."""
    from alembic import command
    from alembic.config import Config

    if database_url.startswith("sqlite:///"):
        path = Path(database_url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)  # SQLite gives the files beside it the same mode
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")


def head() -> str:
    """The newest revision: migrations are numbered, and their files begin with the number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def is_current(database: Database) -> bool:
    """Whether the schema is the one this version wants.  Raises OperationalError when the database is away."""
    with database.reading() as session:
        try:
            return session.execute(text("SELECT version_num FROM alembic_version")).scalar() == head()
        except ProgrammingError:
            return False
        except OperationalError as error:
            if "no such table" in str(error):  # SQLite's way to say it
                return False
            raise
