"""An engine by hand, on each database in turn."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from settings import Settings
from store.database import Database
from store.tables import Base
from tests.engine.hand import Hand

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def kept() -> dict[str, Database]:
    """Databases that the tests here share: to make one, and to compile every statement again, costs more than most."""
    return {}


@pytest.fixture(params=KINDS)
def database(
    request: pytest.FixtureRequest, kept: dict[str, Database], make_database: Callable[[str], str]
) -> Iterator[Database]:
    """A database with empty tables, of each kind in turn."""
    kind = request.param
    if kind == "postgresql" and kind in kept:
        server = request.getfixturevalue("postgres")
        if not server.has_database(kept[kind].engine.url.database):  # another suite has wiped it
            del kept[kind]
    if kind not in kept:
        kept[kind] = Database(make_database(kind), pool_size=2)
    database = kept[kind]
    with closing(database.engine.raw_connection()):  # the last one to close a SQLite file writes its log back: slow
        yield database
        with database.writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != "audit_entry":  # the database refuses it, and the engine writes none
                    session.execute(table.delete())
    database.engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    return Settings.from_env({
        "DATABASE_URL": database.url, "DYNOMETER_DATA_DIR": str(tmp_path), "DYNOMETER_NODE_NAME": "by-hand",
    })  # fmt: skip


@pytest.fixture
def hand(database: Database, settings: Settings) -> Hand:
    return Hand(database, settings)


@pytest.fixture
def owner(hand: Hand) -> int:
    return hand.owner("somebody")
