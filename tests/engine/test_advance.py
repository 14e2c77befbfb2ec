"""For whom is rung: every process that could do something, none for users' code in a page."""

import multiprocessing
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from dynometer.errors import NotFound
from settings import Settings
from store import chunks
from store.database import Database
from store.models import ChunkPartial, JobPartial, JobState
from store.values import Slot
from tasks.advance import advance, useful_rings
from tasks.finish import GIVEN_UP, finish_if_done
from tests.engine.hand import Bell, Hand

FORK = multiprocessing.get_context("fork")
SEEKERS = 8


def rung(hand: Hand, job_id: int) -> list[tuple[int, int]]:
    bell: Any = Bell()
    advance(hand.database, bell, job_id)
    rings: list[tuple[int, int]] = bell.rung
    return rings


def test_a_chunk_that_came_back_is_rung_for_however_many_run(hand: Hand, owner: int) -> None:
    slots = hand.node("busy", slots=8)
    hand.node("idle", slots=9)
    job_id = hand.job(owner, items=8, chunk_items=1)
    for slot in slots:
        hand.claimed(slot)
    with hand.database.writing() as session:
        chunks.give_back(session, chunks.running_on(session, slots[0].node_id)[0])

    assert rung(hand, job_id) == [(job_id, 1)]


def test_a_job_with_a_limit_calls_no_more_than_fit(hand: Hand, owner: int) -> None:
    slots = hand.node("w", slots=8)
    job_id = hand.job(owner, items=8, chunk_items=1, max_workers=3)
    hand.claimed(slots[0])

    assert rung(hand, job_id) == [(job_id, 2)]
    hand.claimed(slots[1])
    hand.claimed(slots[2])
    assert rung(hand, job_id) == []


def test_a_job_that_only_lacks_its_verdict_calls_one_process_to_give_it(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.record(hand.claimed(slot), slot)

    assert rung(hand, job_id) == [(job_id, 1)]
    assert hand.get(job_id).state is JobState.RUNNING


def test_nobody_is_called_to_an_ended_job(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner, state=JobState.CANCELLED)

    with hand.database.reading() as session:
        assert useful_rings(session, job_id) == 0
    assert rung(hand, job_id) == []


def seek(settings: Settings, slot: Slot, start: Barrier, found: "Queue[int | None]") -> None:
    hand = Hand(Database(settings.database_url, pool_size=1), settings)
    start.wait()
    claimed = hand.claim(slot)
    found.put(claimed.job_id if claimed else None)


def test_processes_that_look_at_once_all_find_work_where_there_is_enough(
    hand: Hand, owner: int, settings: Settings
) -> None:
    slots = hand.node("w", slots=SEEKERS)
    jobs = {hand.job(owner, items=1) for _ in range(3 * SEEKERS)}
    start, found = FORK.Barrier(SEEKERS), FORK.Queue()
    seekers = [FORK.Process(target=seek, args=(settings, slot, start, found)) for slot in slots]

    for seeker in seekers:
        seeker.start()
    taken = [found.get(timeout=60) for _ in seekers]
    for seeker in seekers:
        seeker.join()

    assert len(set(taken)) == SEEKERS
    assert set(taken) <= jobs


def test_a_node_leaves_work_that_it_does_not_know_to_others(
    hand: Hand, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, _ = hand.node("w")
    strange = hand.job(owner, items=1)
    monkeypatch.setattr("tasks.dispatch.all_workloads", lambda: {"random-sum": None})

    assert hand.claim(slot) is None

    monkeypatch.undo()
    assert hand.claimed(slot).job_id == strange


def test_a_node_that_does_not_know_how_to_combine_leaves_the_verdict_to_others(
    hand: Hand, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.record(hand.claimed(slot), slot, partial=1)

    def find(key: str) -> Any:
        raise NotFound

    monkeypatch.setattr("tasks.finish.find", find)

    assert not finish_if_done(hand.database, job_id)
    with hand.database.reading() as session:
        assert session.get(ChunkPartial, (job_id, 0)) is not None


class Endless:
    """Combines, and never shows a value."""

    def merge(self, left: int, right: int) -> int:
        return left + right

    def value(self, partial: int) -> int:
        while True:
            pass


def test_combining_that_never_ends_is_a_sentence_in_the_verdict(
    hand: Hand, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.record(hand.claimed(slot), slot, partial=1)
    workload: Any = type("Strange", (), {"combine": Endless()})
    monkeypatch.setattr("tasks.finish.find", lambda key: workload)

    assert finish_if_done(hand.database, job_id, limit_s=0.2)

    job = hand.get(job_id)
    assert job.state is JobState.PARTIAL
    assert job.failure == "The values are there, but could not be combined: a step took longer than 0.2 s."


def test_combining_that_ends_its_process_again_and_again_is_given_up(
    hand: Hand, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.record(hand.claimed(slot), slot, partial=1)

    class Deadly(Endless):
        def value(self, partial: int) -> int:
            raise KeyboardInterrupt  # stands for an end of the process

    workload: Any = type("Strange", (), {"combine": Deadly()})
    monkeypatch.setattr("tasks.finish.find", lambda key: workload)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            finish_if_done(hand.database, job_id)
        hand.change(JobPartial, tried_at=1.0)

    assert finish_if_done(hand.database, job_id)

    assert hand.get(job_id).failure == GIVEN_UP
