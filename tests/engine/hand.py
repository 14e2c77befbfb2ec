"""The engine's steps taken one by one: what worker processes do, without any."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select, update

from settings import Settings
from store import chunks, jobs, nodes, one_call
from store.account_models import User
from store.database import Database
from store.models import Chunk, Job
from store.one_call import Recorded
from store.values import Claimed, Outcome, Slot
from tasks.dispatch import claim_fairest

VERSIONS: dict[str, Any] = {}


@dataclass
class Hand:
    """Does on `database` what owners, nodes and worker processes do."""

    database: Database
    settings: Settings
    pids: Any = field(default_factory=lambda: count(100))

    def owner(self, name: str) -> int:
        with self.database.writing() as session:
            user = User(email=name, active=True, fs_uniquifier=name)
            session.add(user)
            session.flush()
            return user.id

    def facts(self, name: str, slots: int = 2, pid: int = 1) -> nodes.NodeFacts:
        return nodes.NodeFacts(name, "worker", "here", pid, slots, 2.0, 10**9, VERSIONS)

    def node(self, name: str, slots: int = 2) -> list[Slot]:
        """A node that takes work; its worker processes."""
        with self.database.writing() as session:
            node_id = nodes.join(session, self.facts(name, slots))
        return [Slot(node_id, index, next(self.pids)) for index in range(slots)]

    def job(self, owner_id: int, items: int = 10, **more: Any) -> int:
        with self.database.writing() as session:
            job = Job(owner_id=owner_id, workload="wait", variant="python", parameters={}, items_total=items, **more)
            session.add(job)
            session.flush()
            return job.id

    def claim(self, slot: Slot) -> Claimed | None:
        """What a free worker process takes."""
        with self.database.writing() as session:
            return claim_fairest(session, slot, self.settings)

    def claimed(self, slot: Slot) -> Claimed:
        taken = self.claim(slot)
        assert taken is not None
        return taken

    def record(self, claimed: Claimed, slot: Slot, failed: Collection[int] = (), partial: Any = None) -> bool:
        """Every item's value is its number, but the `failed` places have an error."""
        values = [claimed.first_item + place for place in range(claimed.item_count)]
        text = json.dumps([None if place in failed else value for place, value in enumerate(values)])
        outcome = Outcome(len(values), text, dict.fromkeys(failed, "It broke."), 0.01, partial)
        with self.database.writing() as session:
            return chunks.record(session, claimed, outcome, slot)

    def record_and_claim(self, claimed: Claimed, outcome: Outcome, slot: Slot, *, stays: bool = True) -> Recorded:
        """What a worker process does in one step when a chunk has ended whole."""
        lease_s = self.settings.lease_s
        return one_call.record_and_claim(self.database, claimed, outcome, slot, lease_s, stays=stays)

    def chunks(self, job_id: int) -> Sequence[Chunk]:
        with self.database.reading() as session:
            return session.scalars(select(Chunk).where(Chunk.job_id == job_id).order_by(Chunk.first_item)).all()

    def get(self, job_id: int) -> Job:
        with self.database.reading() as session:
            job = jobs.job_of(session, job_id)
        assert job is not None
        return job

    def change(self, table: type[Any], **values: Any) -> None:
        """Set columns of every row: time travel, mostly."""
        with self.database.writing() as session:
            session.execute(update(table).values(**values))


class Bell:
    """Stands for the doorbell: notes who was rung for."""

    def __init__(self, *, is_there: bool = True) -> None:
        self.is_there = is_there
        self.rung: list[tuple[int, int]] = []

    def ring(self, job_id: int, times: int = 1) -> bool:
        self.rung.append((job_id, times))
        return self.is_there
