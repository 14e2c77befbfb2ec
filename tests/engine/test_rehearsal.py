"""What a worker node does before its processes are forked leaves nothing behind."""

from sqlalchemy import func, select

from settings import Settings
from store.database import Database
from store.tables import Base
from tasks.rehearsal import rehearse
from tests.engine.hand import Hand


def rows(database: Database) -> dict[str, int]:
    """How many each table has."""
    with database.reading() as session:
        counts = {table.name: select(func.count()).select_from(table) for table in Base.metadata.sorted_tables}
        return {name: session.scalar(count) or 0 for name, count in counts.items()}


def test_a_rehearsal_is_seen_by_nobody(hand: Hand, owner: int, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=3)
    before = rows(hand.database)

    rehearse(hand.database, settings, slot.node_id)

    assert rows(hand.database) == before
    assert hand.claimed(slot).job_id == job_id
    assert hand.job(owner) == job_id + 1  # no number was used up


def test_a_job_of_another_is_not_touched_by_it(hand: Hand, owner: int, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=3)

    rehearse(hand.database, settings, slot.node_id)

    assert (hand.get(job_id).started_at, hand.chunks(job_id)) == (None, [])


def test_without_a_database_a_node_starts_all_the_same(settings: Settings) -> None:
    nowhere = Database("postgresql+psycopg2://nobody@127.0.0.1:1/none", pool_size=1)

    rehearse(nowhere, settings, 1)
