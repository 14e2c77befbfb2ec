"""How Alembic reaches the database: one transaction, one migrator at a time."""

from alembic import context
from sqlalchemy import text

from store.database import Database
from store.sweep_models import Sweep  # and with it all other tables

MIGRATION_LOCK = 3_141_592_653


def run() -> None:
    engine = Database(context.config.attributes["database_url"]).engine
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Sweep.metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # inside the transaction: taken earlier it would begin one that Alembic then does not commit
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            context.run_migrations()
    engine.dispose()


run()
