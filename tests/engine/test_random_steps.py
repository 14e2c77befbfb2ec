"""Any order of claims, results, rests, losses and returns leaves every item in exactly one chunk."""

import json
import random

import pytest

from store import chunks, jobs, results
from store.models import ChunkState
from store.values import Claimed, Outcome, Piece, Slot
from tasks.finish import finish_if_done
from tasks.housekeeping import recover
from tests.engine.hand import Hand

ITEMS = 200
ENDED = (ChunkState.DONE, ChunkState.DEAD)


class Walk:
    """A seeded walk through what may happen to the chunks of one job."""

    def __init__(self, hand: Hand, job_id: int, slots: list[Slot], seed: int) -> None:
        self.hand, self.job_id, self.slots = hand, job_id, slots
        self.rng = random.Random(seed)
        self.held: list[tuple[Claimed, Slot]] = []

    def step(self) -> None:
        moves = [self.claim, self.claim, self.record, self.record_a_part, self.lose, self.leave]
        self.rng.choice(moves)()

    def claim(self) -> None:
        slot = self.rng.choice(self.slots)
        if claimed := self.hand.claim(slot):
            self.held.append((claimed, slot))

    def any_held(self) -> tuple[Claimed, Slot] | None:
        return self.held.pop(self.rng.randrange(len(self.held))) if self.held else None

    def record(self) -> None:
        if taken := self.any_held():
            self.hand.record(*taken)

    def record_a_part(self) -> None:
        """A chunk that overran its budget: the rest becomes chunks of its own."""
        if (taken := self.any_held()) is None:
            return
        claimed, slot = taken
        run = self.rng.randint(1, claimed.item_count)
        values = json.dumps([claimed.first_item + place for place in range(run)])
        with self.hand.database.writing() as session:
            kept = chunks.record(session, claimed, Outcome(run, values, {}, 0.0), slot)
            if kept and run < claimed.item_count:
                rest = Piece(claimed.first_item + run, claimed.item_count - run, 1.0)
                chunks.add(session, claimed.job_id, [rest])

    def lose(self) -> None:
        """One of the running chunks lost its process; who holds it may still record later, in vain."""
        with self.hand.database.writing() as session:
            running = chunks.running_on(session, self.slots[0].node_id)
            if running:
                recover(session, self.rng.choice(running))

    def leave(self) -> None:
        with self.hand.database.writing() as session:
            running = chunks.running_on(session, self.slots[0].node_id)
            if running:
                chunks.give_back(session, self.rng.choice(running))

    def check(self) -> None:
        """Every item cut is in one chunk; every ended one is counted and has its result."""
        there = self.hand.chunks(self.job_id)
        ends = [0, *(chunk.first_item + chunk.item_count for chunk in there)]
        assert [chunk.first_item for chunk in there] == ends[:-1]
        assert ends[-1] == self.hand.get(self.job_id).next_item
        ended = [chunk for chunk in there if chunk.state in ENDED]
        with self.hand.database.reading() as session:
            done = jobs.totals(session, self.job_id)
        assert done.items_done == sum(chunk.item_count for chunk in ended)
        assert done.chunks_done == len(ended)
        assert all(chunk.attempt <= chunks.MAX_ATTEMPTS for chunk in there)


@pytest.mark.parametrize("seed", range(2))
def test_no_item_is_lost_or_doubled(hand: Hand, owner: int, seed: int) -> None:
    slots = hand.node("w", slots=4)
    job_id = hand.job(owner, items=ITEMS, chunk_items=25)
    walk = Walk(hand, job_id, slots, seed)

    for _ in range(4):
        for _ in range(30):
            walk.step()
        walk.check()
    while not finish_if_done(hand.database, job_id):
        walk.claim()
        walk.record()
        walk.lose() if not walk.held else None

    walk.check()
    found = list(results.item_results(hand.database, job_id))
    assert [result.item for result in found] == list(range(ITEMS))
    assert all(result.value == result.item for result in found if result.ok)
