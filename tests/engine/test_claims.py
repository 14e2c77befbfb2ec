"""Claiming and recording, step by step, on both databases."""

import pytest

from store import chunks, jobs, nodes, one_call, partials, results
from store.job_progress import moment_of
from store.models import Chunk, ChunkState, Job, JobState, Node, NodeState
from store.values import Claimed, Outcome, Piece, Slot
from tasks.finish import finish_if_done
from tasks.jobs import cancel
from tests.engine.hand import Hand


def test_a_late_result_is_dropped_when_the_chunk_went_to_another(hand: Hand, owner: int) -> None:
    early, late = hand.node("w")
    job_id = hand.job(owner, items=1)
    first = hand.claimed(early)
    [chunk] = hand.chunks(job_id)
    with hand.database.writing() as session:
        assert chunks.retry(session, chunk)
    second = hand.claimed(late)

    assert not hand.record(first, early)
    assert hand.record(second, late)
    assert not hand.record(second, late)

    assert (first.fence, second.fence, second.attempt) == (1, 3, 2)  # a fence for each claim and each loss
    with hand.database.reading() as session:
        assert jobs.totals(session, job_id).items_done == 1


def record_and_claim(hand: Hand, claimed: Claimed, slot: Slot, *, stays: bool = True) -> one_call.Recorded:
    outcome = Outcome(1, "[0]", {0: "It broke."}, 0.5, {"sum": 1})
    return one_call.record_and_claim(hand.database, claimed, outcome, slot, 30.0, stays=stays)


def test_one_call_records_and_claims(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=3, chunk_items=1)

    done = record_and_claim(hand, hand.claimed(slot), slot)

    assert (done.was_kept, done.yields) == (True, False)
    assert done.following == Claimed(job_id, first_item=1, item_count=1, fence=1, attempt=1, budget_s=10.0)
    with hand.database.reading() as session:
        totals = jobs.totals(session, job_id)
        assert (totals.items_done, totals.items_failed, totals.chunks_done, totals.busy_s) == (1, 1, 1, 0.5)
        assert partials.has_partials(session, job_id)
        assert [chunk.slot_pid for chunk in chunks.running_on(session, slot.node_id)] == [slot.pid]
    [result] = results.item_results(hand.database, job_id)
    assert (result.ok, result.error) == (False, "It broke.")


def test_one_call_refuses_a_late_result_but_not_the_turn(hand: Hand, owner: int) -> None:
    slot, other = hand.node("w")
    job_id = hand.job(owner, items=3, chunk_items=1)
    claimed = hand.claimed(slot)
    record_and_claim(hand, claimed, slot)

    again = record_and_claim(hand, claimed, other)

    assert not again.was_kept
    assert again.following is not None
    assert again.following.first_item == 2
    with hand.database.reading() as session:
        assert jobs.totals(session, job_id).items_done == 1


def test_one_call_says_what_is_left_when_it_claims_nothing(hand: Hand, owner: int) -> None:
    slot, other = hand.node("w")
    hand.job(owner, items=2, chunk_items=1)
    first, last = hand.claimed(slot), hand.claimed(other)

    one_left = record_and_claim(hand, first, slot)
    none_left = record_and_claim(hand, last, other)

    assert (one_left.following, one_left.uncut, one_left.still_open) == (None, 0, 1)
    assert (none_left.following, none_left.uncut, none_left.still_open) == (None, 0, 0)


def test_one_call_yields_to_another_job_unless_it_stays(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=5, chunk_items=1)
    claimed = hand.claimed(slot)
    hand.job(owner)

    staying = record_and_claim(hand, claimed, slot, stays=True)
    assert staying.following is not None
    yielding = record_and_claim(hand, staying.following, slot, stays=False)

    assert (staying.yields, yielding.yields) == (False, True)
    assert (yielding.was_kept, yielding.following, yielding.uncut) == (True, None, 1)
    assert len(hand.chunks(job_id)) == 4  # two ended, two ready: the window of a node with two processes


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.SUCCEEDED])
def test_an_ended_job_gives_no_chunk(hand: Hand, owner: int, state: JobState) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=4, chunk_items=1)
    claimed = hand.claimed(slot)
    with hand.database.writing() as session:
        jobs.end(session, job_id, state, None)

    assert hand.claim(slot) is None
    done = record_and_claim(hand, claimed, slot)
    assert (done.was_kept, done.following) == (True, None)


def test_a_draining_node_gets_none(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    hand.job(owner, items=9, chunk_items=1)
    claimed = hand.claimed(slot)
    hand.change(Node, state=NodeState.DRAINING)

    assert hand.claim(slot) is None
    done = record_and_claim(hand, claimed, slot)
    assert (done.was_kept, done.following) == (True, None)


def test_what_is_given_back_costs_no_attempt(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    before = hand.claimed(slot)
    with hand.database.writing() as session:
        [chunk] = chunks.running_on(session, slot.node_id)
        assert chunks.give_back(session, chunk)

    after = hand.claimed(slot)

    assert (after.attempt, after.fence > before.fence) == (1, True)
    assert len(hand.chunks(job_id)) == 1


def test_a_cancelled_job_drops_what_still_runs_and_keeps_what_is_done(hand: Hand, owner: int) -> None:
    slot, other = hand.node("w")
    job_id = hand.job(owner, items=4, chunk_items=1)
    hand.record(hand.claimed(slot), slot)
    running = hand.claimed(other)

    assert cancel(hand.database, job_id)
    assert not cancel(hand.database, job_id)

    assert not hand.record(running, other)
    assert not finish_if_done(hand.database, job_id)
    assert [result.item for result in results.item_results(hand.database, job_id)] == [0]
    assert hand.get(job_id).state is JobState.CANCELLED


def test_never_more_processes_than_asked_for_even_with_many_ready_chunks(hand: Hand, owner: int) -> None:
    slots = hand.node("w", slots=8)
    job_id = hand.job(owner, items=64, max_workers=2)
    with hand.database.writing() as session:
        chunks.add(session, job_id, [Piece(item, 1, 1.0) for item in range(64)])
    hand.change(Job, next_item=64)

    taken = [hand.claim(slot) for slot in slots]

    assert [claimed is not None for claimed in taken] == [True] * 2 + [False] * 6


def test_a_job_goes_from_queued_to_running_with_its_first_chunk(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner)
    assert hand.get(job_id).state is JobState.QUEUED

    hand.claimed(slot)

    job = hand.get(job_id)
    assert job.state is JobState.RUNNING
    assert job.started_at is not None
    assert job.created_at <= job.started_at


def test_items_of_a_dead_chunk_have_a_sentence_each(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=5, chunk_items=2)
    for _ in range(3):
        claimed = hand.claimed(slot)
        if claimed.first_item != 2:
            hand.record(claimed, slot)
    with hand.database.writing() as session:
        [chunk] = chunks.running_on(session, slot.node_id)
        chunk_with_three = session.merge(Chunk(job_id=job_id, first_item=chunk.first_item, attempt=3))
        session.flush()
        assert chunks.bury(session, chunk_with_three)
        assert not chunks.bury(session, chunk_with_three)
    assert finish_if_done(hand.database, job_id)

    found = list(results.item_results(hand.database, job_id))

    assert [(result.item, result.ok) for result in found] == [(0, True), (1, True), (2, False), (3, False), (4, True)]
    assert found[2].error == results.GIVEN_UP
    job = hand.get(job_id)
    assert job.state is JobState.PARTIAL
    assert job.failure == "2 items of 5 failed. Ended their worker process 3 times and were given up: items 2 to 3."
    assert [chunk.state for chunk in hand.chunks(job_id)] == [ChunkState.DONE, ChunkState.DEAD, ChunkState.DONE]
    with hand.database.reading() as session:
        moment = moment_of(session, job_id, window_s=10.0)
        assert moment.dead == 1
        assert [node.items_done for node in moment.nodes] == [5]
        assert nodes.slots_idle(session) == 2
