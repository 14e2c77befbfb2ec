"""What one node does for all: expired leases, silent nodes, unheard rings, old rows."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, text

from settings import Settings
from store import cancellation, chunks, jobs, nodes
from store.database import Database, now_s
from store.models import Chunk, ChunkState, Job, JobState, Lease, Node, NodeState
from store.values import Piece
from tasks.advance import advance
from tasks.finish import finish_if_done
from tasks.housekeeping import UNKNOWN, keep_house, recover
from tasks.jobs import cancel
from tests.engine.hand import Bell, Hand


@pytest.fixture
def bell() -> Bell:
    return Bell()


def keep(hand: Hand, bell: Bell, settings: Settings, *, recovers: bool = True) -> bool:
    doorbell: Any = bell
    return keep_house(hand.database, doorbell, settings, recovers=recovers)


def states(hand: Hand, job_id: int) -> list[ChunkState]:
    return [chunk.state for chunk in hand.chunks(job_id)]


def test_an_expired_lease_gives_the_chunk_to_others(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.claimed(slot)
    hand.change(Chunk, lease_until=1.0)

    keep(hand, bell, settings)

    [chunk] = hand.chunks(job_id)
    assert (chunk.state, chunk.attempt, chunk.lease_until) == (ChunkState.READY, 1, None)
    assert bell.rung[0] == (job_id, 1)


def test_a_lease_that_holds_is_left_alone(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.claimed(slot)

    keep(hand, bell, settings)

    assert states(hand, job_id) == [ChunkState.RUNNING]


def test_nobody_is_blamed_for_an_outage(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.claimed(slot)
    hand.change(Chunk, lease_until=1.0)
    hand.change(Node, seen_at=1.0)

    keep(hand, bell, settings, recovers=False)

    assert states(hand, job_id) == [ChunkState.RUNNING]
    with hand.database.reading() as session:
        assert len(nodes.alive_nodes(session)) == 1


def test_who_may_blame_nobody_leaves_the_house_to_others(
    hand: Hand, owner: int, bell: Bell, settings: Settings
) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.claimed(slot)
    hand.change(Chunk, lease_until=1.0)

    assert keep(hand, bell, replace(settings, node_name="unsteady"), recovers=False)
    assert keep(hand, bell, replace(settings, node_name="steady"))

    assert states(hand, job_id) == [ChunkState.READY]
    assert not keep(hand, bell, replace(settings, node_name="unsteady"), recovers=False)


def test_the_third_loss_ends_the_chunk(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    for attempt in (1, 2, 3):
        assert hand.claimed(slot).attempt == attempt
        hand.change(Chunk, lease_until=1.0)
        keep(hand, bell, settings)

    assert states(hand, job_id) == [ChunkState.DEAD]
    assert hand.claim(slot) is None
    assert (job_id, 1) in bell.rung  # a worker process shall give the verdict
    assert finish_if_done(hand.database, job_id)
    assert hand.get(job_id).state is JobState.FAILED


def test_an_innocent_chunk_beside_a_deadly_item_comes_back_whole(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=100, chunk_items=100)
    hand.claimed(slot)
    with hand.database.writing() as session:
        recover(session, chunks.running_on(session, slot.node_id)[0])

    parts = hand.chunks(job_id)

    assert [chunk.item_count for chunk in parts] == [10] * 10
    assert {(chunk.state, chunk.attempt) for chunk in parts} == {(ChunkState.READY, 1)}


def test_a_silent_node_is_lost_and_back_when_it_speaks(hand: Hand, bell: Bell, settings: Settings) -> None:
    slot, _ = hand.node("w")
    hand.change(Node, seen_at=1.0)

    keep(hand, bell, settings)

    with hand.database.writing() as session:
        assert nodes.slots_alive(session) == 0
        assert nodes.beat(session, slot.node_id, hand.facts("w"), NodeState.IDLE)
        assert nodes.slots_alive(session) == 2


def test_only_the_newest_of_a_name_speaks_for_it(hand: Hand) -> None:
    old, _ = hand.node("w")
    with hand.database.writing() as session:
        nodes.join(session, hand.facts("w", pid=2))

    with hand.database.writing() as session:
        assert not nodes.beat(session, old.node_id, hand.facts("w", pid=1), NodeState.BUSY)
        assert not nodes.depart(session, old.node_id, hand.facts("w", pid=1), NodeState.LOST)
        assert not nodes.speaks_for(session, old.node_id, hand.facts("w", pid=1))
        assert nodes.speaks_for(session, old.node_id, hand.facts("w", pid=2))


def test_one_node_keeps_house_until_its_lease_ends(hand: Hand, bell: Bell, settings: Settings) -> None:
    first, second = (replace(settings, node_name=name) for name in ("a", "b"))

    assert keep(hand, bell, first)
    assert not keep(hand, bell, second)
    assert keep(hand, bell, first)
    hand.change(Lease, until=1.0)
    assert keep(hand, bell, second)
    assert not keep(hand, bell, first)


def test_an_unheard_ring_is_repeated_after_a_while(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    hand.node("w")
    job_id = hand.job(owner, items=100)

    keep(hand, bell, settings)
    assert bell.rung == []  # just admitted: its own rings may be on the way
    hand.change(Job, rung_at=1.0)
    keep(hand, bell, settings)
    keep(hand, bell, settings)

    assert bell.rung == [(job_id, 2)]  # as many as are idle, and once


def test_no_ring_while_all_are_at_work(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    for slot in hand.node("w"):
        hand.job(owner, items=100)
        hand.claimed(slot)
    hand.job(owner, items=100)
    hand.change(Job, rung_at=1.0)

    keep(hand, bell, settings)

    assert bell.rung == []


def test_a_job_that_lacks_only_its_verdict_is_rung_for(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    first, second = hand.node("w")
    done = hand.job(owner, items=1)
    hand.record(hand.claimed(first), first)
    for slot in (first, second):  # all are at work elsewhere
        hand.job(owner, items=1)
        hand.claimed(slot)
    hand.change(Job, rung_at=1.0)

    keep(hand, bell, settings)

    assert bell.rung == [(done, 1)]


def test_an_absent_broker_is_asked_once_a_round(hand: Hand, owner: int, settings: Settings) -> None:
    hand.node("w")
    for _ in range(5):
        hand.job(owner, items=100)
    hand.change(Job, rung_at=1.0)
    absent = Bell(is_there=False)

    keep(hand, absent, settings)

    assert len(absent.rung) == 1


def test_an_ended_job_is_not_rung_for(hand: Hand, owner: int, bell: Bell) -> None:
    hand.node("w")
    job_id = hand.job(owner)
    hand.change(Job, state=JobState.CANCELLED)

    doorbell: Any = bell
    assert advance(hand.database, doorbell, job_id)
    assert bell.rung == []


def test_a_job_that_no_living_node_can_compute_ends_after_a_while(
    hand: Hand, owner: int, bell: Bell, settings: Settings
) -> None:
    hand.node("w")
    hand.change(Node, workloads=["random-sum"])
    job_id = hand.job(owner)  # of the workload "wait"

    keep(hand, bell, settings)
    assert hand.get(job_id).state is JobState.QUEUED
    hand.change(Job, created_at=1.0)
    keep(hand, bell, settings)

    job = hand.get(job_id)
    assert (job.state, job.failure) == (JobState.FAILED, UNKNOWN.format("wait"))


def test_without_any_node_a_job_waits(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    job_id = hand.job(owner)
    hand.change(Job, created_at=1.0)

    keep(hand, bell, settings)

    assert hand.get(job_id).state is JobState.QUEUED


def test_open_chunks_of_an_ended_job_are_cancelled(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, other = hand.node("w")
    job_id = hand.job(owner, items=3, chunk_items=1)
    hand.record(hand.claimed(slot), slot)
    running = hand.claimed(other)
    with hand.database.writing() as session:  # as a web process does that dies between cancel's two transactions
        jobs.end(session, job_id, JobState.CANCELLED, "It was cancelled.")
        chunks.add(session, job_id, [Piece(10, 5, 1.0)])  # by a recorder that saw the job still open
    others = hand.job(owner, items=1)
    hand.claimed(slot)

    keep(hand, bell, settings, recovers=False)

    assert states(hand, job_id) == [ChunkState.DONE, *[ChunkState.CANCELLED] * 3]
    assert states(hand, others) == [ChunkState.RUNNING]
    assert not hand.record(running, other)


def test_what_a_lost_node_still_computed_of_a_cancelled_job_is_forgotten(
    hand: Hand, owner: int, bell: Bell, settings: Settings
) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.claimed(slot)
    cancel(hand.database, job_id)
    keep(hand, bell, settings)
    [computed] = hand.chunks(job_id)

    hand.change(Node, seen_at=1.0)
    keep(hand, bell, settings)

    [chunk] = hand.chunks(job_id)
    assert (computed.state, computed.slot_pid) == (ChunkState.CANCELLED, slot.pid)
    assert (chunk.state, chunk.slot_pid) == (ChunkState.CANCELLED, None)


def test_what_is_left_of_ended_jobs_is_found_without_reading_done_chunks(hand: Hand, owner: int) -> None:
    hand.job(owner)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        asked.append((statement, parameters))

    with hand.database.writing() as session:
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":  # reads tables as small as these whole, unless that is made dear
            explain = "EXPLAIN "
            session.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", note)
        cancellation.cancel_leftovers(session)
        [(statement, parameters)] = asked
        plan = connection.exec_driver_sql(explain + statement, parameters).all()
    said = "\n".join(str(row[-1]) for row in plan)

    assert "chunk_open" in said
    assert "job_open" in said
    assert "Seq Scan" not in said
    assert not re.search(r"SCAN \w+$", said, re.MULTILINE)  # SQLite: a table read whole, by no index


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer: nobody holds one row alone
def test_a_locked_leftover_is_not_waited_for(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    with hand.database.writing() as session:
        chunks.add(session, job_id, [Piece(0, 1, 1.0), Piece(1, 1, 1.0)])
    hand.change(Job, state=JobState.CANCELLED)

    with Database(hand.database.url).writing() as holder, hand.database.writing() as keeper:
        holder.get(Chunk, (job_id, 0), with_for_update=True)
        assert cancellation.cancel_leftovers(keeper) == 1

    assert states(hand, job_id) == [ChunkState.READY, ChunkState.CANCELLED]
    with hand.database.writing() as session:
        assert cancellation.cancel_leftovers(session) == 1


HOUR_S = 3600.0  # by which the database's clock was set back: what it said before lies so far ahead now


def test_a_lease_that_no_clock_of_today_gave_is_over(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    slot, other = hand.node("w")
    job_id = hand.job(owner, items=2, chunk_items=1)
    hand.claimed(slot)
    hand.change(Chunk, lease_until=now_s() + HOUR_S)
    hand.claimed(other)  # since then

    keep(hand, bell, settings)

    assert [(chunk.state, chunk.attempt) for chunk in hand.chunks(job_id)] == [
        (ChunkState.READY, 1), (ChunkState.RUNNING, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("leases", "state"), [(1.9, ChunkState.RUNNING), (2.1, ChunkState.READY)])
def test_a_lease_may_be_twice_as_long_as_ours(
    hand: Hand, owner: int, bell: Bell, settings: Settings, leases: float, state: ChunkState
) -> None:
    job_id = hand.job(owner, items=1)
    hand.claimed(hand.node("w")[0])
    hand.change(Chunk, lease_until=now_s() + leases * 1000)

    keep(hand, bell, replace(settings, lease_s=1000))

    assert states(hand, job_id) == [state]


def test_a_node_last_heard_of_in_the_future_is_lost(hand: Hand, bell: Bell, settings: Settings) -> None:
    hand.node("silent since")
    hand.change(Node, seen_at=now_s() + HOUR_S)
    hand.node("heard since")

    keep(hand, bell, settings)

    with hand.database.reading() as session:
        assert [node.name for node in nodes.alive_nodes(session)] == ["heard since"]


def test_a_job_rung_for_in_the_future_is_rung_for_now(hand: Hand, owner: int, bell: Bell, settings: Settings) -> None:
    hand.node("w")
    job_id = hand.job(owner, items=100)
    hand.change(Job, rung_at=now_s() + HOUR_S)

    keep(hand, bell, settings)
    keep(hand, bell, settings)

    assert bell.rung == [(job_id, 2)]


@pytest.mark.parametrize("recovers", [True, False])
def test_a_keeper_of_the_future_keeps_nobody_from_the_house(
    hand: Hand, bell: Bell, settings: Settings, recovers: bool
) -> None:
    first, second = (replace(settings, node_name=name) for name in ("a", "b"))
    assert keep(hand, bell, first)
    assert not keep(hand, bell, second, recovers=recovers)

    hand.change(Lease, until=now_s() + HOUR_S)

    assert keep(hand, bell, second, recovers=recovers)
