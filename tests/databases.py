"""Fresh databases with all tables: migrated once a session, then copied."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from store.migrate import upgrade
from tests.services import Postgres

TEMPLATE = "dyno_migrated"


class Databases:
    """Makes them under `folder`, or in the PostgreSQL it's given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = count(1)

    def sqlite(self) -> str:
        """The URL of a fresh migrated file."""
        template = self.folder / "template.db"
        if not template.exists():
            upgrade(f"sqlite:///{template}")
        path = self.folder / f"{next(self.names)}.db"
        with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)  # a copied file would lack what is still in the write-ahead log
        return f"sqlite:///{path}"

    def postgresql(self, server: Postgres) -> str:
        """The URL of a fresh migrated database on `server`."""
        if not server.has_database(TEMPLATE):
            server.execute(f"CREATE DATABASE {TEMPLATE}")
            upgrade(server.database_url(TEMPLATE))
        return server.new_database(template=TEMPLATE)
