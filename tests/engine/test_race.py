"""Eight processes that claim, record, dawdle and die at once: every item counts exactly once."""

import multiprocessing
import os
import random
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import sleep

import pytest

from settings import Settings
from store import jobs, results
from store.database import Database
from store.models import ChunkState
from store.values import Outcome, Slot
from tasks.finish import finish_if_done
from tasks.housekeeping import recover_expired
from tests.engine.hand import Hand
from tests.services import until

PROCESSES = 8
ITEMS, CHUNK_ITEMS = 160, 4
LEASE_S = 0.2
FORK = multiprocessing.get_context("fork")  # a fresh interpreter each would take longer than the race


def race(settings: Settings, slot: Slot, job_id: int, seed: int, kept: Path) -> None:
    """Work until the job ends; now and then die with a chunk in hand, or hold one for longer than its lease."""
    rng = random.Random(seed)
    hand = Hand(Database(settings.database_url, pool_size=1), settings)
    me = Slot(slot.node_id, slot.index, os.getpid())
    held = None
    while not hand.get(job_id).state.is_final:
        claimed, held = held or hand.claim(me), None
        if claimed is None:
            recover_expired(hand.database, LEASE_S)
            finish_if_done(hand.database, job_id)
            sleep(0.02)
            continue
        fate = rng.random()
        if fate < 0.08:
            os._exit(1)
        if fate < 0.14:
            sleep(LEASE_S * 1.5)
        values = list(range(claimed.first_item, claimed.first_item + claimed.item_count))
        outcome = Outcome(len(values), str(values), {}, 0.01)
        if rng.random() < 0.5:  # both ways that the engine records by
            done = hand.record_and_claim(claimed, outcome, me)
            was_kept, held = done.was_kept, done.following
        else:
            was_kept, held = hand.record(claimed, me), None
        if was_kept:
            with kept.open("a") as file:
                file.write(f"{claimed.first_item} {claimed.item_count}\n")


@pytest.mark.parametrize("seed", [1])
def test_every_item_counts_once(hand: Hand, owner: int, settings: Settings, tmp_path: Path, seed: int) -> None:
    settings = replace(settings, lease_s=LEASE_S)
    slots = hand.node("w", slots=PROCESSES)
    job_id = hand.job(owner, items=ITEMS, chunk_items=CHUNK_ITEMS)
    kept, seeds = tmp_path / "kept", count(seed * 1000)
    racers: dict[Slot, multiprocessing.process.BaseProcess] = {}
    Hand(hand.database, settings).claimed(slots[0])  # one at least dies with a chunk in hand

    def is_over() -> bool:
        for slot in slots:
            if slot not in racers or not racers[slot].is_alive():
                racers[slot] = FORK.Process(target=race, args=(settings, slot, job_id, next(seeds), kept))
                racers[slot].start()
        return hand.get(job_id).state.is_final

    until(is_over, "the job ends", within_s=90)
    for racer in racers.values():
        racer.join()

    found = list(results.item_results(hand.database, job_id))
    assert [result.item for result in found] == list(range(ITEMS))
    assert all(result.value == result.item if result.ok else result.error == results.GIVEN_UP for result in found)
    accepted = [list(map(int, line.split())) for line in kept.read_text().splitlines()]
    items_accepted = [item for first, size in accepted for item in range(first, first + size)]
    assert sorted(items_accepted) == [result.item for result in found if result.ok]  # none was accepted twice
    with hand.database.reading() as session:
        done = jobs.totals(session, job_id)
    assert (done.items_done, done.items_failed) == (ITEMS, sum(not result.ok for result in found))
    assert done.chunks_done == len(hand.chunks(job_id))
    assert {chunk.state for chunk in hand.chunks(job_id)} <= {ChunkState.DONE, ChunkState.DEAD}
    assert any(chunk.attempt > 1 for chunk in hand.chunks(job_id))
