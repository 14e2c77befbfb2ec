"""A job's limit on processes holds when many ask at the same moment."""

import multiprocessing
from multiprocessing.synchronize import Barrier

from settings import Settings
from store import chunks
from store.database import Database
from store.models import Chunk, ChunkState, Job
from store.values import Piece, Slot
from tests.engine.hand import Hand

ROUNDS, PROCESSES, LIMIT = 8, 4, 2
FORK = multiprocessing.get_context("fork")


def ask(settings: Settings, slot: Slot, start: Barrier, end: Barrier) -> None:
    hand = Hand(Database(settings.database_url, pool_size=1), settings)
    for _ in range(ROUNDS):
        start.wait()
        hand.claim(slot)
        end.wait()


def test_the_limit_holds_against_claims_at_the_same_moment(hand: Hand, owner: int, settings: Settings) -> None:
    slots = hand.node("w", slots=PROCESSES)
    job_id = hand.job(owner, items=100, max_workers=LIMIT)
    with hand.database.writing() as session:
        chunks.add(session, job_id, [Piece(item, 1, 1.0) for item in range(100)])
    hand.change(Job, next_item=100)
    start, end = FORK.Barrier(PROCESSES + 1), FORK.Barrier(PROCESSES + 1)
    askers = [FORK.Process(target=ask, args=(settings, slot, start, end)) for slot in slots]
    for asker in askers:
        asker.start()

    running = []
    for _ in range(ROUNDS):
        start.wait(60)
        end.wait(60)
        running.append(sum(chunk.state is ChunkState.RUNNING for chunk in hand.chunks(job_id)))
        hand.change(Chunk, state=ChunkState.READY)

    for asker in askers:
        asker.join()
    assert running == [LIMIT] * ROUNDS
